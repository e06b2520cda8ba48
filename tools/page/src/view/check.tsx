import { check, checked, goTo, repair, writable } from './state';

const MARKS = { error: '✕', warning: '!', info: 'i' };

export function Check() {
  const result = checked.value;
  if (!result) return <p class="quiet">{writable.value ? '' : 'There is no volume that can be checked.'}</p>;
  const { findings, sound, format, problem } = result;
  return (
    <section aria-label="Check">
      <div class="bar">
        <p class={sound ? 'verdict good' : 'verdict bad'}>
          {problem ?? (sound ? `${format}: the volume is sound.` : `${format}: ${findings.length} findings.`)}
        </p>
        <button type="button" onClick={check}>
          Check again
        </button>
        {!sound && writable.value && (
          <button type="button" class="main" onClick={repair}>
            Repair
          </button>
        )}
      </div>
      {findings.length > 0 && (
        <ul class="findings">
          {findings.map(({ level, code, path, message, blocks }, i) => (
            <li key={i} class={level}>
              <span class="mark" aria-label={level} role="img">
                {MARKS[level]}
              </span>
              <div>
                {path ? (
                  <button type="button" class="plain link" onClick={() => goTo(path)}>
                    {path}
                  </button>
                ) : (
                  <b>volume</b>
                )}
                : {message} <code>{code}</code>
                {blocks.length > 0 && <span class="quiet"> blocks {blocks.slice(0, 12).join(', ')}</span>}
              </div>
            </li>
          ))}
        </ul>
      )}
      <p class="quiet">A repair is a change like others: it can be undone, and the image on this computer stays as it is until you save.</p>
    </section>
  );
}
