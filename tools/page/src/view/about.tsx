import { live } from './explored';
import { info, making, partInfo } from './state';
import { humanSize } from './text';

export function About() {
  const told = info.value;
  if (!told) return <p class="quiet">{partInfo.value?.holds}</p>;
  const { usage } = told;
  return (
    <section class="about" aria-label="About the volume">
      <h2>{told.title}</h2>
      {told.problem && <p class="trouble">{told.problem}</p>}
      {usage && (
        <div class="usage">
          <meter min={0} max={usage.size} value={usage.used} aria-label="Space in use">
            {humanSize(usage.used)}
          </meter>
          <p>
            {humanSize(usage.used)} of {humanSize(usage.size)} in use, {humanSize(usage.free)} free
            {told.files !== undefined && `; ${told.files} files, ${told.directories} directories`}
          </p>
        </div>
      )}
      <dl class="facts">
        {Object.entries(told.facts).map(([name, value]) => (
          <>
            <dt key={name}>{name}</dt>
            <dd>{value}</dd>
          </>
        ))}
      </dl>
      {told.regions.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">Where</th>
              <th scope="col" class="number">
                Begins
              </th>
              <th scope="col" class="number">
                Size
              </th>
            </tr>
          </thead>
          <tbody>
            {told.regions.map(({ name, offset, size }) => (
              <tr key={name}>
                <td>{name}</td>
                <td class="number">0x{offset.toString(16)}</td>
                <td class="number">{humanSize(size)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {!told.problem && partInfo.value?.format && !live.value && (
        <p>
          <button type="button" onClick={() => (making.value = { given: [], from: 'volume' })}>
            Convert to another format or size…
          </button>
        </p>
      )}
    </section>
  );
}
