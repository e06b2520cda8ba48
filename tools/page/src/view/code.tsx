import { type ParseOptions, parse } from 'sugar-high/core';
import * as c from 'sugar-high/lang/c';
import * as css from 'sugar-high/lang/css';
import * as html from 'sugar-high/lang/html';
import * as javascript from 'sugar-high/lang/javascript';
import * as json from 'sugar-high/lang/json';
import * as python from 'sugar-high/lang/python';
import { extensionOf } from './text';

/** Their types do not agree with those of what takes them. */
const languages = {
  js: javascript,
  mjs: javascript,
  ts: javascript,
  json,
  py: python,
  css,
  html,
  htm: html,
  c,
  h: c,
} as unknown as { [extension: string]: ParseOptions };

/** Of longer texts nothing is coloured. */
const COLOURED = 65536;

export function Code({ text, path }: { text: string; path: string }) {
  const language = languages[extensionOf(path)];
  if (!language || text.length > COLOURED) return <pre class="text">{text}</pre>;
  const { lines } = parse(text, language);
  return (
    <pre class="text">
      {lines.map(({ tokens }, i) => (
        <span key={i}>
          {tokens.map(({ type, value }, k) =>
            type === 'break' ? null : (
              <span key={k} class={`sh-${type}`}>
                {value}
              </span>
            ),
          )}
          {i < lines.length - 1 ? '\n' : ''}
        </span>
      ))}
    </pre>
  );
}
