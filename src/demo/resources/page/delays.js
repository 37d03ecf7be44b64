// The peers with the longest remaining delays.
const ROWS = 10;

function row(values) {
  const made = document.createElement('tr');
  values.forEach((value, i) => {
    const cell = document.createElement(i === 0 ? 'th' : 'td');
    if (i === 0) {
      cell.scope = 'row';
    } else if (i > 1) {
      cell.className = 'number';
    }
    cell.textContent = value;
    made.append(cell);
  });
  return made;
}

export function delays() {
  const body = document.getElementById('delays');
  const none = document.getElementById('no-delays');
  return {
    draw(plan, runs, shown) {
      const longest = (shown?.tracked ?? [])
        .filter(each => each.remainingMillis > 0)
        .sort((a, b) => b.remainingMillis - a.remainingMillis || a.peer - b.peer)
        .slice(0, ROWS);
      body.replaceChildren(...longest.map(each => row([
        each.peer,
        plan.peers[each.peer].outage,
        each.attempts,
        `${(each.remainingMillis / 1000).toFixed(2)} s`,
      ])));
      none.hidden = longest.length > 0;
    },
  };
}
