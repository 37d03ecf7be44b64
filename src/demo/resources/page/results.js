// What the runs have in common with the summary that is printed: a column for each run.
import { sample } from './chart.js';

function cell(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

export function results() {
  const names = document.getElementById('names');
  const body = document.getElementById('results');

  function row({ label, cells }) {
    const made = document.createElement('tr');
    const head = cell('th', label);
    head.scope = 'row';
    made.append(head, ...cells.map(text => cell('td', text)));
    made.querySelectorAll('td').forEach(each => (each.className = 'number'));
    return made;
  }

  return {
    draw(plan, runs, shown, { results: rows }) {
      names.replaceChildren(cell('td', ''), ...runs.map((run, i) => {
        const head = cell('th', '');
        head.scope = 'col';
        head.className = 'number';
        head.append(sample(i), run.name);
        return head;
      }));
      body.replaceChildren(...rows.map(row));
    },
  };
}
