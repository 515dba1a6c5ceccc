// What only the browser can do: theme, keys, clocks, crosshair and zoom, clipboard, and keeping the page when the connection is lost.
(() => {
  'use strict';
  const root = document.documentElement;
  const remember = (name, value) => { document.cookie = `${name}=${value};path=/;max-age=31536000;samesite=lax`; };
  const url = () => new URL(location.href);
  const go = target => window.Blazor?.navigateTo ? Blazor.navigateTo(target) : location.assign(target);
  const isTyping = element => element?.closest('input, textarea, select, [contenteditable]');

  // Theme, density and rail are remembered in cookies so that the server draws the first paint right.
  const set = (name, value) => { root.dataset[name] = value; remember(`kcp-${name}`, value); };
  const toggles = {
    theme: () => {
      const isDark = getComputedStyle(root).colorScheme === 'dark' || (root.dataset.theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
      set('theme', isDark ? 'light' : 'dark');
    },
    density: () => set('density', root.dataset.density === 'dense' ? 'comfortable' : 'dense'),
    rail: () => set('rail', root.dataset.rail === 'icons' ? 'words' : 'icons'),
    menu: () => { root.dataset.menu = root.dataset.menu === 'open' ? 'closed' : 'open'; },
  };

  // Clocks: <time data-age> counts up, <time data-clock> is UTC as drawn and local where ?tz=local asks for it.
  const age = seconds => seconds < 60 ? `${Math.round(seconds)} s` : seconds < 3600 ? `${Math.floor(seconds / 60)} m ${Math.floor(seconds % 60)} s`
    : seconds < 86400 ? `${Math.floor(seconds / 3600)} h ${Math.floor(seconds % 3600 / 60)} m` : `${Math.floor(seconds / 86400)} d ${Math.floor(seconds % 86400 / 3600)} h`;
  // How far the server's clock is ahead of this one. What a message took on its way makes it look behind, so the largest estimate is the best; one that is far lower means that a clock was set.
  let ahead = Date.parse(root.dataset.now) - performance.timeOrigin - (performance.getEntriesByType('navigation')[0]?.responseStart ?? 0);
  const hear = now => { const seen = now - Date.now(); if (seen > ahead || seen < ahead - 60000) { ahead = seen; } };
  const skew = () => ahead;
  const two = number => String(number).padStart(2, '0');
  const clocks = {
    time: d => `${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`,
    minute: d => `${two(d.getHours())}:${two(d.getMinutes())}`,
    day: d => `${two(d.getMonth() + 1)}-${two(d.getDate())} ${two(d.getHours())}:${two(d.getMinutes())}`,
    full: d => `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())} ${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`,
  };
  const write = (element, text) => {
    const node = element.firstChild;
    if (node && node.nodeValue !== text) { node.nodeValue = text; }
  };
  const tick = () => {
    if (root.classList.contains('is-frozen')) { return; }
    const isLocal = url().searchParams.get('tz') === 'local';
    for (const element of document.querySelectorAll('time[data-age]')) {
      write(element, age(Math.max(0, (Date.now() + skew() - Date.parse(element.dateTime)) / 1000)));
    }
    for (const element of document.querySelectorAll('time[data-until]')) {
      const left = (Date.parse(element.dateTime) - Date.now() - skew()) / 1000;
      write(element, left <= 0 ? 'now' : age(left));
    }
    for (const element of isLocal ? document.querySelectorAll('time[data-clock]') : []) {
      write(element, clocks[element.dataset.clock](new Date(element.dateTime)));
    }
  };
  setInterval(tick, 1000);
  let isTickDue = false;
  new MutationObserver(() => {
    if (!isTickDue) { isTickDue = true; requestAnimationFrame(() => { isTickDue = false; tick(); reselect(); }); }
    rejoin();
    serve();
  }).observe(document, { subtree: true, childList: true });

  // Keyboard
  const sections = { o: '', b: '/brokers', t: '/topics', p: '/partitions', g: '/groups', i: '/anomalies', r: '/plans', x: '/executions', h: '/healing', m: '/heatmap', e: '/rebalance', c: '/capacity' };
  let isGoing = 0;
  // A change of view state (filter, order, range) may come back from the server after the visitor went on: it must not lead back to the page it was for.
  const manager = window.Blazor?._internal?.navigationManager, lead = manager?.navigateTo;
  if (lead) {
    manager.navigateTo = (target, options, ...rest) => {
      if (options?.historyEntryState === 'same-page' && new URL(target, location.href).pathname !== location.pathname) { return; }
      lead(target, options, ...rest);
    };
  }
  // The address changes at once, the page a moment later: until its heading names the address, keys wait for it and do not reach the page before.
  const plain = path => { try { return decodeURIComponent(path); } catch { return path; } };
  const isHere = () => { const drawn = document.querySelector('[data-page]'); return !drawn || plain(drawn.dataset.page) === plain(location.pathname); };
  // The server has drawn a page and would have its heading focused: not once the visitor has begun to work on it.
  let acted = '';
  for (const kind of ['keydown', 'pointerdown']) { document.addEventListener(kind, () => { acted = location.pathname; }, true); }
  const arrive = () => {
    const isTaken = acted === location.pathname || isTyping(document.activeElement) || document.querySelector('.palette, .rz-dialog');
    acted = '';
    if (!isTaken) { document.querySelector('h1')?.focus({ preventScroll: true }); }
  };
  // A field may be on its way, or be drawn anew when the circuit takes the page over. What is typed meanwhile waits here, and goes into the field when it is drawn.
  const filters = '.table-tools input[type=search]';
  const awaited = { find: null, path: '', text: '', isWhole: false, since: 0 };
  const expect = (find, text = '', isWhole = false) => Object.assign(awaited, { find, path: location.pathname, text, isWhole, since: performance.now() });
  const serve = () => {
    if (awaited.path !== location.pathname || performance.now() - awaited.since > 10000) { awaited.find = null; }
    const field = awaited.find?.();
    if (!field) { return; }
    const value = awaited.isWhole ? awaited.text : field.value + awaited.text;
    awaited.find = null;
    field.focus();
    if (value !== field.value) { field.value = value; field.dispatchEvent(new Event('input', { bubbles: true })); }
  };
  let typed = null;
  document.addEventListener('focusin', event => { typed = event.target.matches?.(filters) ? { field: event.target, path: location.pathname } : null; });
  document.addEventListener('pointerdown', () => { typed = awaited.find = null; }, true);
  const rejoin = () => {
    if (!typed || typed.field.isConnected) { return; }
    const { field, path } = typed;
    typed = null;
    if (path === location.pathname) { expect(() => [...document.querySelectorAll(filters)].find(one => one.ariaLabel === field.ariaLabel), field.value, true); }
  };
  const store = event => {
    serve();
    if (!awaited.find || isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) { return false; }
    if (event.key.length === 1) { awaited.text += event.key; } else if (event.key === 'Backspace') { awaited.text = awaited.text.slice(0, -1); } else { return false; }
    event.preventDefault();
    return true;
  };
  // Buttons work from when the circuit is here; their keys pressed before are not lost.
  const early = [];
  const press = selector => { if (window.kcpInteractive) { document.querySelector(selector)?.click(); } else { early.push(selector); } };
  // The chosen row is remembered by where it leads: rows are drawn anew by the circuit, by a refresh and while scrolling.
  const rows = () => isHere() ? [...document.querySelectorAll('tr[data-row]')].filter(row => row.offsetParent) : [];
  const chosen = { path: '', address: '', steps: 0, isOpening: false };
  const selected = () => document.querySelector('tr[data-selected]');
  const forget = () => { selected()?.removeAttribute('data-selected'); Object.assign(chosen, { address: '', steps: 0, isOpening: false }); };
  const choose = row => {
    forget();
    const link = row.querySelector('a');
    row.dataset.selected = '';
    Object.assign(chosen, { path: location.pathname, address: link?.href ?? '' });
    if (!isTyping(document.activeElement)) { link?.focus({ preventScroll: true }); }
  };
  const select = step => {
    const all = rows();
    if (chosen.path !== location.pathname) { forget(); }
    if (all.length === 0) { Object.assign(chosen, { path: location.pathname, steps: chosen.steps + step }); return; } // they are on their way
    const next = all[Math.min(all.length - 1, Math.max(0, all.findIndex(row => 'selected' in row.dataset) + step))];
    choose(next);
    next.scrollIntoView({ block: 'nearest' });
  };
  const reselect = () => {
    if (chosen.path !== location.pathname) { forget(); return; }
    if (selected() || !(chosen.address || chosen.steps)) { return; }
    const all = rows(), { steps, isOpening } = chosen;
    const row = chosen.address ? all.find(one => one.querySelector('a')?.href === chosen.address) : all[Math.max(0, steps - 1)];
    if (row) { choose(row); }
    if (row && isOpening) { open(); }
  };
  const open = () => {
    if (chosen.path !== location.pathname) { return; }
    const link = isHere() ? selected()?.querySelector('a') : null;
    if (link) { link.click(); } else if (chosen.address) { go(chosen.address); } else { chosen.isOpening = chosen.steps !== 0; }
  };
  const keep = search => {
    const from = url().searchParams, to = new URLSearchParams(search);
    for (const name of ['from', 'to', 'tz', 'refresh']) { if (from.has(name)) { to.set(name, from.get(name)); } }
    return to.size ? `?${to}` : '';
  };
  const letters = {
    '?': () => press('[data-help]'),
    '/': () => {
      const find = () => {
        const tools = isHere() ? document.querySelector('.table-tools:has(input[type=search])') : null;
        tools?.querySelector('[data-filters][aria-expanded=false]')?.click();
        return tools?.querySelector('input[type=search]');
      };
      expect(find);
      serve();
      if (isHere() && window.kcpInteractive && !document.querySelector('.skeleton')) { awaited.find = null; } // a page without a table
    },
    j: () => select(1),
    k: () => select(-1),
    Enter: open,
    y: () => copy(location.href),
    p: () => press('[data-pause-healing]'),
    '[': () => shift(-1),
    ']': () => shift(1),
  };
  document.addEventListener('keydown', event => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') { event.preventDefault(); press('[data-palette]'); return; }
    if (store(event)) { return; }
    if (event.key === 'Escape') {
      typed = awaited.find = null;
      document.querySelector('.palette')?.click();
      // Radzen closes its dialogs by its own script; until that is here, its close button does.
      if (!isRadzenHere) { [...document.querySelectorAll('.rz-dialog-titlebar-close')].at(-1)?.click(); }
      document.querySelectorAll('details.menu[open]').forEach(menu => menu.removeAttribute('open'));
      root.dataset.menu = 'closed';
      if (isTyping(event.target)) { event.target.blur(); } else { forget(); }
      return;
    }
    if (event.target.closest?.('.palette, .crumb-switch .sheet') && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) { stepPalette(event); return; }
    if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey || document.querySelector('.rz-dialog')) { return; }
    if (isGoing && performance.now() - isGoing < 1500) {
      isGoing = 0;
      const cluster = location.pathname.match(/^\/c\/[^/]+/)?.[0];
      if (event.key === 'f') { go(`/${keep('')}`); }
      else if (event.key === 'a') { go(`/deliveries${keep('')}`); }
      else if (event.key === 'i' && !cluster) { go(`/anomalies${keep('')}`); }
      else if (event.key in sections && cluster) { go(cluster + sections[event.key] + keep('')); }
      return;
    }
    if (event.key === 'g') { isGoing = performance.now(); return; }
    if (event.key === 'Enter' && !chosen.steps && event.target.closest('a, button, summary')) { return; }
    if (event.key in letters) { event.preventDefault(); letters[event.key](); }
  });
  const stepPalette = event => {
    event.preventDefault();
    const box = event.target.closest('.palette, .crumb-switch .sheet'), links = [...box.querySelectorAll('a')];
    const at = links.indexOf(document.activeElement) + (event.key === 'ArrowDown' ? 1 : -1);
    (links[at] ?? box.querySelector('input'))?.focus();
  };
  document.addEventListener('toggle', event => {
    if (event.target.open && event.target.matches?.('.crumb-switch')) { event.target.querySelector('input')?.focus(); }
  }, true);

  // Clicks by data attributes: menus close, rows follow their anchor, texts are copied.
  const copy = async text => {
    let isCopied = true;
    try { await navigator.clipboard.writeText(text); } catch { isCopied = false; }
    say(isCopied ? 'Copied' : 'The browser refused the clipboard: select the text and copy it');
  };
  const say = text => { const live = document.getElementById('kcp-live'); if (live) { live.textContent = text; } toast(text); };
  const toast = text => {
    const box = Object.assign(document.createElement('div'), { className: 'lost is-shown', textContent: text });
    box.style.borderColor = 'var(--line-strong)';
    document.body.append(box);
    setTimeout(() => box.remove(), 1600);
  };
  document.addEventListener('click', event => {
    const target = event.target;
    if (target.closest?.('[data-palette]')) { expect(() => document.querySelector('.palette input')); }
    const toggle = target.closest?.('[data-toggle]');
    if (toggle) { toggles[toggle.dataset.toggle](); return; }
    if (target.closest?.('[data-reconnect]')) { attempt(); return; }
    const copied = target.closest?.('[data-copy]');
    if (copied) { copy(copied.dataset.copy); return; }
    for (const menu of document.querySelectorAll('details.menu[open]')) {
      if (!menu.contains(target) || target.closest('.sheet a, .sheet button.item')) { menu.removeAttribute('open'); }
    }
    if (target.closest?.('.rail a')) { root.dataset.menu = 'closed'; }
    const row = target.closest?.('tr[data-row]');
    if (row && !target.closest('a, button, input, summary') && !String(getSelection())) { row.querySelector('a')?.click(); }
  });

  // Charts: one crosshair for all of the page, drag to zoom all of them through the URL.
  const charts = () => document.querySelectorAll('.chart[data-from]');
  const ratioIn = (plot, x) => { const box = plot.getBoundingClientRect(); return Math.min(1, Math.max(0, (x - box.left) / box.width)); };
  const cross = ratio => {
    for (const chart of charts()) {
      const line = chart.querySelector('.cross');
      line.style.display = ratio === null ? 'none' : 'block';
      line.style.left = `${(ratio ?? 0) * 100}%`;
      const data = chart.kcpText === chart.dataset.points ? chart.kcpPoints : (chart.kcpText = chart.dataset.points, chart.kcpPoints = JSON.parse(chart.dataset.points));
      chart.querySelectorAll('.legend [data-series]').forEach(entry => {
        const values = data[entry.dataset.series] ?? [];
        const value = ratio === null ? '' : values[Math.round(ratio * (values.length - 1))];
        const out = entry.querySelector('.at');
        out.textContent = ratio === null ? '' : value ?? 'no data';
      });
      const at = chart.closest('.card')?.querySelector('.when');
      if (at) {
        const time = new Date(Number(chart.dataset.from) + ratio * (chart.dataset.to - chart.dataset.from));
        at.textContent = ratio === null ? '' : url().searchParams.get('tz') === 'local' ? clocks.full(time) : `${time.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
      }
    }
  };
  let drag = null;
  document.addEventListener('pointermove', event => {
    const plot = event.target.closest?.('.chart .plot');
    if (drag) {
      const to = ratioIn(drag.plot, event.clientX);
      Object.assign(drag.brush.style, { display: 'block', left: `${Math.min(drag.from, to) * 100}%`, width: `${Math.abs(to - drag.from) * 100}%` });
      drag.to = to;
    }
    if (plot || cross.isOn) { cross(plot ? ratioIn(plot, event.clientX) : null); cross.isOn = !!plot; }
    hover(event);
  });
  document.addEventListener('pointerdown', event => {
    const plot = event.target.closest?.('.chart .plot');
    if (plot && event.button === 0) { drag = { plot, from: ratioIn(plot, event.clientX), to: null, brush: plot.querySelector('.brush') }; event.preventDefault(); }
  });
  document.addEventListener('pointerup', () => {
    if (!drag) { return; }
    const { plot, from, to, brush } = drag;
    drag = null;
    brush.style.display = 'none';
    if (to !== null && Math.abs(to - from) > 0.01) {
      const chart = plot.closest('.chart');
      const start = Number(chart.dataset.from), span = chart.dataset.to - start;
      range(start + Math.min(from, to) * span, start + Math.max(from, to) * span);
    }
  });
  const range = (from, to) => {
    const target = url();
    target.searchParams.set('from', new Date(from).toISOString().slice(0, 19) + 'Z');
    target.searchParams.set('to', new Date(to).toISOString().slice(0, 19) + 'Z');
    go(target.href);
  };
  const shift = direction => {
    const chart = charts()[0];
    if (chart) { const from = Number(chart.dataset.from), to = Number(chart.dataset.to), step = (to - from) / 2 * direction; range(from + step, to + step); }
  };

  // Maps: the card under the pointer says what the cell is.
  let card = null;
  const hover = event => {
    const map = event.target.closest?.('svg[data-heat]');
    card?.remove();
    card = null;
    const told = event.target.closest?.('[data-card]');
    if (told) { show(told.dataset.card, event.clientX, event.clientY); return; }
    if (!map) { return; }
    const at = cellAt(map, event.clientX, event.clientY);
    if (at) { show(textOf(map, at), event.clientX, event.clientY); }
  };
  const show = (text, x, y) => {
    card?.remove();
    card = Object.assign(document.createElement('div'), { className: 'hover-card', textContent: text });
    document.body.append(card);
    card.style.left = `${Math.max(4, Math.min(x + 12, innerWidth - card.offsetWidth - 8))}px`;
    card.style.top = `${y + 14 + card.offsetHeight > innerHeight ? Math.max(4, y - card.offsetHeight - 10) : y + 14}px`;
  };
  // What the pointer gets by hovering, the keyboard gets by focus.
  document.addEventListener('focusin', event => {
    const told = event.target.closest?.('[data-card]');
    if (told?.matches(':focus-visible')) { const box = told.getBoundingClientRect(); show(told.dataset.card, box.left, box.bottom - 8); }
  });
  document.addEventListener('focusout', () => { card?.remove(); card = null; });
  const heat = map => map.kcpText === map.dataset.heat ? map.kcpHeat : (map.kcpText = map.dataset.heat, map.kcpHeat = JSON.parse(map.dataset.heat));
  const cellAt = (map, x, y, isClamped = false) => {
    const data = heat(map), box = map.getBoundingClientRect();
    let column = Math.floor((x - box.left - data.left) / data.cell), row = Math.floor((y - box.top - data.top) / data.cell);
    if (isClamped) { column = Math.max(0, Math.min(data.columns.length - 1, column)); row = Math.max(0, Math.min(data.rows.length - 1, row)); }
    return column < 0 || row < 0 || column >= data.columns.length || row >= data.rows.length ? null : { column, row };
  };
  const textOf = (map, { column, row }) => {
    const data = heat(map), at = row * data.columns.length + column, state = data.cells[at];
    return !(state >= 0) ? `${data.rows[row]}: none` : data.texts?.[at] ?? `${data.rows[row]} · ${data.columns[column]}: ${data.words[state]}`;
  };

  // A rectangle of cells: by drag, or by arrows with Shift and then Enter. What is chosen goes into the address; the page says what it holds.
  const rectangle = (map, from, to) => {
    const data = heat(map), box = map.querySelector('.brushed');
    const [left, right] = [from.column, to.column].sort((x, y) => x - y), [top, bottom] = [from.row, to.row].sort((x, y) => x - y);
    const size = { x: data.left + left * data.cell - 1, y: data.top + top * data.cell - 1, width: (right - left + 1) * data.cell + 1, height: (bottom - top + 1) * data.cell + 1 };
    for (const [name, value] of Object.entries(size)) { box.setAttribute(name, value); }
    return `${top}-${bottom},${left}-${right}`;
  };
  const pick = text => { const target = url(); if (text) { target.searchParams.set('cells', text); } else { target.searchParams.delete('cells'); } if (target.href !== location.href) { window.Blazor?.navigateTo ? Blazor.navigateTo(target.href, { replaceHistoryEntry: true }) : location.replace(target.href); } };
  let brush = null;
  document.addEventListener('pointerdown', event => {
    const map = event.target.closest?.('svg[data-brush]');
    const from = map && event.button === 0 && event.pointerType !== 'touch' ? cellAt(map, event.clientX, event.clientY) : null;
    if (from) { brush = { map, from, to: from }; rectangle(map, from, from); event.preventDefault(); map.closest('.map').focus({ preventScroll: true }); }
  });
  document.addEventListener('pointermove', event => {
    if (brush) { brush.to = cellAt(brush.map, event.clientX, event.clientY, true); rectangle(brush.map, brush.from, brush.to); }
  });
  document.addEventListener('pointerup', () => {
    if (brush) { const { map, from, to } = brush; brush = null; map.kcpCursor = { from, to }; pick(rectangle(map, from, to)); }
  });
  const steps = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
  document.addEventListener('keydown', event => {
    const map = event.target.closest?.('.map')?.querySelector('svg[data-heat]');
    if (!map || event.ctrlKey || event.metaKey || event.altKey) { return; }
    const data = heat(map), step = steps[event.key], isBrush = 'brush' in map.dataset;
    if (step) {
      const at = map.kcpCursor?.to ?? { column: -step[0], row: -step[1] };
      const to = { column: Math.max(0, Math.min(data.columns.length - 1, at.column + step[0])), row: Math.max(0, Math.min(data.rows.length - 1, at.row + step[1])) };
      map.kcpCursor = { from: isBrush && event.shiftKey && map.kcpCursor ? map.kcpCursor.from : to, to };
      rectangle(map, map.kcpCursor.from, to);
      const box = map.getBoundingClientRect(), x = box.left + data.left + to.column * data.cell, y = box.top + data.top + to.row * data.cell;
      const text = textOf(map, to);
      show(text, x, y);
      const live = document.getElementById('kcp-live');
      if (live) { live.textContent = text; }
      map.querySelector('.brushed').scrollIntoView({ block: 'nearest', inline: 'nearest' });
    } else if (event.key === 'Enter' && isBrush && map.kcpCursor) { pick(rectangle(map, map.kcpCursor.from, map.kcpCursor.to)); }
    else if (event.key === 'Escape' && isBrush) { map.kcpCursor = null; map.querySelector('.brushed').setAttribute('width', 0); pick(''); }
    else { return; }
    event.preventDefault();
    event.stopImmediatePropagation();
  }, { capture: true });

  // The connection: the page stays as it was, says since when it is frozen, and reloads by itself.
  const lost = { since: null, timer: 0 };
  const down = () => {
    if (lost.since) { return; }
    lost.since = new Date();
    root.classList.add('is-frozen');
    let left = 5;
    const box = document.getElementById('kcp-lost');
    const text = box.querySelector('.text');
    const isLocal = url().searchParams.get('tz') === 'local';
    const at = isLocal ? clocks.time(lost.since) : `${lost.since.toISOString().slice(11, 19)} UTC`;
    const step = () => {
      text.textContent = `Connection lost, data frozen ${at}, ${left > 0 ? `reloading in ${left} s` : 'reconnecting'}`;
      box.classList.add('is-shown');
      if (left-- <= 0) { left = 5; attempt(); }
    };
    step();
    lost.timer = setInterval(step, 1000);
  };
  const up = () => {
    clearInterval(lost.timer);
    lost.since = null;
    root.classList.remove('is-frozen');
    document.getElementById('kcp-lost')?.classList.remove('is-shown');
  };
  const attempt = async () => {
    try {
      if (await Blazor.reconnect()) { up(); return; }
      location.reload(); // the server answers but has forgotten this circuit
    } catch {
      // Still unreachable: the page stays, the countdown starts over.
    }
  };

  // No circuit (a proxy that lets no connection through, a script that did not arrive): what the server drew stays readable, and says that it stands still.
  const stay = () => {
    if (window.kcpInteractive || lost.since) { return; }
    root.classList.add('is-static');
    document.getElementById('kcp-static')?.removeAttribute('hidden');
  };

  // Radzen's script serves dialogs only: it is fetched when the first one opens. Calls meanwhile wait for it; it replaces this stand-in itself.
  const script = document.querySelector('script[data-radzen]');
  let radzen = null, isRadzenHere = false;
  const load = () => radzen ??= new Promise((done, failed) => {
    document.head.append(Object.assign(document.createElement('script'), { src: script.dataset.radzen, onload: () => { isRadzenHere = true; done(window.Radzen); }, onerror: () => { radzen = null; failed(new Error('The script of the dialogs did not load: reload the page')); } }));
  });
  if (script) {
    window.Radzen = new Proxy({}, { has: () => true, get: (_, name) => typeof name === 'symbol' || name === 'then' ? undefined : async (...given) => (await load())[name](...given) });
  }

  window.kcp = {
    ready: now => { hear(now); window.kcpInteractive = true; root.classList.remove('is-static'); document.getElementById('kcp-static')?.setAttribute('hidden', ''); early.splice(0).forEach(press); },
    arrive,
    hear,
    mayRefresh: () => !document.hidden && !String(getSelection()) && !document.querySelector('.rz-dialog, .palette, details.menu[open]'),
    // Answers once nothing holds the page still any more; true where it is still held after some seconds, and the caller asks again.
    stillHeld: async () => {
      for (let left = 80; left > 0 && !kcp.mayRefresh(); left--) { await new Promise(done => setTimeout(done, 250)); }
      return !kcp.mayRefresh();
    },
    copy,
    focus: selector => document.querySelector(selector)?.focus(),
    save: (name, text) => {
      const link = Object.assign(document.createElement('a'), { href: URL.createObjectURL(new Blob([text], { type: 'text/csv' })), download: name });
      link.click();
      URL.revokeObjectURL(link.href);
    },
  };
  if (window.Blazor && document.querySelector('script[data-interactive]')) {
    Blazor.start({ circuit: { reconnectionHandler: { onConnectionDown: down, onConnectionUp: up } } }).catch(stay);
  }
  if (script) { setTimeout(() => { if (!window.kcpInteractive) { stay(); } }, 8000); }
})();
