// Polls the state four times a second and hands it to the parts of the page.
import { chart } from './chart.js';
import { delays } from './delays.js';
import { grid } from './grid.js';
import { results } from './results.js';

const INTERVAL_MILLIS = 250;
const byId = id => document.getElementById(id);
const choices = [...document.querySelectorAll('input[name="table"]')];
const tables = choices.filter(choice => choice.value);
const pause = byId('pause');
// Each page has some of these.
const parts = Object.entries({ grid, delays, chart, results })
  .filter(([id]) => byId(id))
  .map(([, make]) => make());

let state = null;
let ended = false;

/** The current run. Between two runs it is the earlier one. */
function current(runs) {
  return runs.findLast(run => run.elapsedSeconds > 0);
}

function headline(runs, run) {
  if (!run) {
    return 'Warming up';
  }
  return `Run ${runs.indexOf(run) + 1} of ${runs.length}, ${run.name}: ${run.phase ?? 'finished'}`;
}

function clock(elapsed, planned) {
  // The recovery lasts until every peer was served again.
  return `${elapsed.toFixed(1)} of ${Math.max(elapsed, planned).toFixed(1)} s`;
}

function show(text, seconds) {
  // Screen readers announce a status whenever its text is set.
  if (byId('now').textContent !== text) {
    byId('now').textContent = text;
  }
  byId('clock').textContent = seconds;
}

function draw() {
  if (!state) {
    return;
  }
  const run = current(state.runs);
  const chosen = choices.find(choice => choice.checked).value;
  const shown = chosen ? state.runs[chosen] : run;
  document.body.dataset.run = run?.name ?? '';
  document.body.dataset.phase = run?.phase ?? '';
  if (!ended) {
    show(headline(state.runs, run), run?.phase ? clock(run.elapsedSeconds, state.plan.runSeconds) : '');
  }
  tables.forEach(choice => {
    choice.nextElementSibling.textContent = state.runs[choice.value].name;
  });
  parts.forEach(part => part.draw(state.plan, state.runs, shown, state));
}

async function poll() {
  try {
    const answer = await fetch('state');
    if (!answer.ok) {
      throw new Error(`status ${answer.status}`);
    }
    const next = await answer.json();
    const finished = next.runs.every(run => run.elapsedSeconds > 0 && !run.phase);
    if (finished || pause.ariaPressed !== 'true') {
      state = next;
      draw();
    }
    if (finished) {
      end('The rehearsal has ended.');
    } else {
      setTimeout(poll, INTERVAL_MILLIS);
    }
  } catch {
    end('The rehearsal has stopped responding. This is its last known state.');
  }
}

/** The page stays open after the rehearsal, which serves it. */
function end(text) {
  ended = true;
  pause.hidden = true;
  show(text, '');
}

choices.forEach(choice => choice.addEventListener('change', draw));
pause.addEventListener('click', () => {
  pause.ariaPressed = String(pause.ariaPressed !== 'true');
});
addEventListener('resize', draw);
poll();
