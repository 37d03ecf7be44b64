// A rate per second, one line a run; a table of its means, if the page has one, is also the legend.
const SVG = 'http://www.w3.org/2000/svg';
const HEIGHT = 190;
const LEFT = 44;
const TOP = 22;
const BOTTOM = 24;
const CHARACTER = 6.5;

function drawn(name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
  if (text !== undefined) {
    made.textContent = text;
  }
  return made;
}

/** The smallest of 1, 2 or 5 times a power of ten that reaches the maximum in this many steps. */
function step(most, steps) {
  const power = 10 ** Math.floor(Math.log10(most / steps));
  return [1, 2, 5, 10].map(times => times * power).find(size => most / size <= steps);
}

function ticks(most, size) {
  return Array.from({ length: Math.floor(most / size + 1e-9) + 1 }, (_, i) => i * size);
}

/** The line of a run, for a legend. */
export function sample(run) {
  const made = drawn('svg', { viewBox: '0 0 28 8', class: 'sample', 'aria-hidden': 'true' });
  made.append(drawn('line', { class: `line run-${run + 1}`, x1: 1, x2: 27, y1: 4, y2: 4 }));
  return made;
}

export function chart() {
  const svg = document.getElementById('chart');
  const body = document.getElementById('means');

  function plot(plan, runs) {
    const width = svg.clientWidth;
    const mostSeconds = Math.max(plan.runSeconds, ...runs.map(run => run.elapsedSeconds));
    const highest = Math.max(100, ...runs.flatMap(run => run.series));
    const size = step(highest, 4);
    const most = Math.ceil(highest / size) * size;
    const x = seconds => LEFT + (seconds / mostSeconds) * (width - LEFT - 1);
    const y = rate => HEIGHT - BOTTOM - (rate / most) * (HEIGHT - TOP - BOTTOM);

    const parts = [];
    const phases = Object.keys(plan.phaseSeconds);
    let from = 0;
    phases.forEach((phase, i) => {
      const to = i === phases.length - 1 ? mostSeconds : from + plan.phaseSeconds[phase];
      const band = { x: x(from), y: 0, width: x(to) - x(from), height: HEIGHT - BOTTOM };
      parts.push(drawn('rect', { class: `band ${phase}`, ...band }));
      if (band.width > phase.length * CHARACTER) {
        parts.push(drawn('text', { class: 'phase', x: (x(from) + x(to)) / 2, y: 15 }, phase));
      }
      from = to;
    });
    ticks(most, size).forEach(rate => {
      parts.push(drawn('line', { class: 'rule', x1: LEFT, x2: width, y1: y(rate), y2: y(rate) }));
      parts.push(drawn('text', { class: 'rate', x: LEFT - 8, y: y(rate) + 4 }, rate.toLocaleString('en')));
    });
    ticks(mostSeconds, step(mostSeconds, width < 500 ? 5 : 10)).forEach(seconds => {
      const end = x(seconds) > width - 12 ? ' end' : '';
      parts.push(drawn('text', { class: `seconds${end}`, x: x(seconds), y: HEIGHT - 6 }, `${+seconds.toFixed(2)} s`));
    });
    runs.forEach((run, i) => {
      const points = run.series.map((rate, n) => `${x((n + 0.5) * plan.sliceSeconds).toFixed(1)},${y(rate).toFixed(1)}`);
      parts.push(drawn('polyline', { class: `line run-${i + 1}`, points: points.join(' ') }));
    });
    svg.setAttribute('viewBox', `0 0 ${width} ${HEIGHT}`);
    svg.replaceChildren(...parts);
  }

  function means(plan, runs) {
    body.replaceChildren(...runs.map((run, i) => {
      const row = document.createElement('tr');
      const head = document.createElement('th');
      head.scope = 'row';
      head.append(sample(i), run.name);
      const means = Object.keys(plan.phaseSeconds).map(phase => {
        const cell = document.createElement('td');
        cell.className = 'number';
        cell.textContent = run.mean[phase]?.toLocaleString('en') ?? '–';
        return cell;
      });
      row.append(head, ...means);
      return row;
    }));
  }

  return {
    draw(plan, runs) {
      plot(plan, runs);
      if (body) {
        means(plan, runs);
      }
    },
  };
}
