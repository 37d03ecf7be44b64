// A cell for each peer, with a sign, a color and, for screen readers, a name for its state.
const STEPS = 5;
const byId = id => document.getElementById(id);

/** At most three characters: .35, 1.0, 12. */
function digits(millis) {
  if (millis > 9950) {
    return String(Math.round(millis / 1000));
  }
  return millis > 990 ? (millis / 1000).toFixed(1) : `.${String(Math.ceil(millis / 10)).padStart(2, '0')}`;
}

function appearance(tracked, longestMillis) {
  if (!tracked) {
    return { state: 'untracked', sign: '·', name: 'not tracked' };
  }
  if (tracked.probes > 0) {
    const many = tracked.probes > 1 ? ` by ${tracked.probes} sends` : '';
    return { state: 'probing', sign: many ? `?${tracked.probes}` : '?', name: `probing${many}` };
  }
  if (tracked.remainingMillis === 0) {
    return { state: 'due', sign: '!', name: 'due' };
  }
  if (tracked.adopted) {
    return {
      state: 'adopted',
      sign: digits(tracked.remainingMillis),
      name: `cooling, adopted from other nodes, ${(tracked.remainingMillis / 1000).toFixed(2)} s remaining`,
    };
  }
  const step = Math.min(STEPS, Math.ceil((tracked.remainingMillis / longestMillis) * STEPS));
  return {
    state: 'cooling',
    step: `cool-${step}`,
    sign: digits(tracked.remainingMillis),
    name: `cooling, ${(tracked.remainingMillis / 1000).toFixed(2)} s remaining`,
  };
}

export function grid() {
  const element = byId('grid');
  const detail = byId('detail');
  const keys = byId('keys').textContent;
  let hint = keys;
  let cells = [];
  let columns = 0;

  function layOut(count, wanted, labeled) {
    if (cells.length === count && columns === wanted) {
      return;
    }
    const focused = cells.indexOf(document.activeElement);
    const entry = Math.max(0, cells.findIndex(cell => cell.tabIndex === 0));
    columns = wanted;
    element.style.setProperty('--columns', columns);
    element.classList.toggle('labeled', labeled);
    cells = Array.from({ length: count }, (_, i) => cells[i] ?? cell());
    const rows = [];
    for (let from = 0; from < count; from += columns) {
      const row = document.createElement('div');
      row.role = 'row';
      if (labeled) {
        row.append(label('rowheader', `node ${rows.length}`));
      }
      row.append(...cells.slice(from, from + columns));
      rows.push(row);
    }
    if (labeled) {
      const row = document.createElement('div');
      row.role = 'row';
      row.append(
        label('columnheader', 'peer'),
        ...Array.from({ length: columns }, (_, i) => label('columnheader', i)));
      rows.unshift(row);
    }
    element.replaceChildren(...rows);
    cells.forEach((each, i) => (each.tabIndex = i === entry ? 0 : -1));
    cells[focused]?.focus();
  }

  function label(role, text) {
    const made = document.createElement('div');
    made.role = role;
    made.className = 'label';
    made.textContent = text;
    return made;
  }

  function cell() {
    const made = document.createElement('div');
    made.role = 'gridcell';
    return made;
  }

  function describe(target) {
    detail.textContent = cells.includes(target) ? target.ariaLabel : hint;
  }

  function destination(from, key) {
    const rowStart = from - (from % columns);
    const to = {
      ArrowLeft: from - 1,
      ArrowRight: from + 1,
      ArrowUp: from - columns,
      ArrowDown: from + columns,
      Home: rowStart,
      End: Math.min(rowStart + columns, cells.length) - 1,
    }[key];
    return cells[to];
  }

  element.addEventListener('keydown', event => {
    const from = cells.indexOf(event.target);
    const to = event.ctrlKey || event.altKey || event.metaKey ? null : destination(from, event.key);
    if (to) {
      event.preventDefault();
      to.focus();
    }
  });
  element.addEventListener('focusin', event => {
    cells.forEach(each => (each.tabIndex = each === event.target ? 0 : -1));
    describe(event.target);
  });
  element.addEventListener('pointerover', event => describe(event.target));

  return {
    draw(plan, runs, shown) {
      const wide = matchMedia('(min-width: 40rem)').matches;
      layOut(plan.peers.length, plan.columns ?? (wide ? 20 : 10), plan.columns !== undefined);
      const tracked = new Map((shown?.tracked ?? []).map(each => [each.peer, each]));
      const counts = { untracked: 0, cooling: 0, adopted: 0, due: 0, probing: 0 };
      cells.forEach((each, number) => {
        const known = tracked.get(number);
        const { state, step, sign, name } = appearance(known, plan.longestDelaySeconds * 1000);
        const peer = plan.peers[number];
        const attempts = known ? `, ${known.attempts} attempt${known.attempts === 1 ? '' : 's'}` : '';
        counts[state]++;
        each.className = `cell ${state} ${step ?? ''}`;
        each.dataset.state = state;
        each.textContent = sign;
        const who = peer.node === undefined
          ? `Peer ${number}`
          : `Node ${peer.node}, peer ${peer.number}`;
        each.ariaLabel = `${who}, port ${peer.port}: ${name}${attempts}; in the outage ${peer.outage}`;
      });
      document.querySelectorAll('[id^=count-]')
        .forEach(each => (each.textContent = counts[each.id.slice('count-'.length)]));
      byId('longest').textContent = `${plan.longestDelaySeconds.toFixed(2)} s`;
      hint = shown && !shown.tracked ? 'This run has no table, so no failures are remembered.' : keys;
      describe(cells.find(each => each.matches(':hover')) ?? document.activeElement);
    },
  };
}
