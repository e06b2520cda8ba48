import { signal } from '@preact/signals';

const THEMES = ['auto', 'light', 'dark'] as const;

export type Theme = (typeof THEMES)[number];

/** The colours that are wanted; `auto`: those of the system. */
export const theme = signal<Theme>((localStorage.getItem('theme') as Theme | null) ?? 'auto');

/** Grows when the colours change. */
export const repaint = signal(0);

export function nextTheme(): void {
  theme.value = THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length];
  localStorage.setItem('theme', theme.value);
  apply();
}

const system = matchMedia('(prefers-color-scheme: dark)');

function apply(): void {
  document.documentElement.dataset.theme = theme.value !== 'auto' ? theme.value : system.matches ? 'dark' : 'light';
  repaint.value++;
}

apply();
system.addEventListener('change', apply);
