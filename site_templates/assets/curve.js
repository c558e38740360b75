// The interactive light curve: columns come as base64, are binned or folded here and put into the figure that the whole site
// shares. Bands, full resolution and what lies beneath are scripts of their own, loaded when they are asked for.
(function () {
  'use strict';
  var curve = window.hstlc_curve, shared = window.hstlc_dashboard, byId = document.getElementById.bind(document);
  var board = byId('dashboard');
  function showPicture() {
    if (board) board.insertAdjacentHTML('beforeend', board.querySelector('noscript').textContent);
  }
  if (!window.Bokeh || !curve || !shared) { showPicture(); return; }
  var FACTORS = [1, 2, 3, 5, 10, 15, 30, 60, 120, 300];
  var LOWEXP = 2, DAY = 86400, JD = 2400000.5, SIGMA = 3;

  // --- columns
  function bytes(text) {
    var raw = atob(text), out = new Uint8Array(raw.length);
    for (var i = 0; i < raw.length; i++) out[i] = raw.charCodeAt(i);
    return out.buffer;
  }
  function unpack(columns, Type) {
    var out = {};
    Object.keys(columns || {}).forEach(function (name) { out[name] = new Type(bytes(columns[name])); });
    return out;
  }
  function decode(one) { return Object.assign(unpack(one.floats, Float32Array), unpack(one.ints, Uint16Array)); }
  var whole = decode(curve), n = whole.dataset.length, details = [], more = {};
  whole.calibrated = curve.calibrated;
  var data = whole;

  var loading = {};
  function load(part) { // a classic script, since pages in a folder may not make requests
    loading[part] = loading[part] || new Promise(function (resolve, reject) {
      var script = document.createElement('script');
      script.src = board.dataset.scripts + '_' + part + '.js';
      script.onload = function () { resolve(window['hstlc_' + part]); };
      script.onerror = function () { delete loading[part]; reject(new Error('cannot load ' + script.src)); };
      document.head.appendChild(script);
    });
    return loading[part];
  }

  // --- sums: neighbouring bins of one exposure are added up; fluxes are means over live time, as in the products
  function empty(dataset) {
    return {n: 0, dataset: dataset, t: 0, live: 0, gross: 0, background: 0, variance: 0, flux: 0, flux2: 0, good: 0, quality: 0,
      airglow: 0, sun_alt: 0, bjd: 0};
  }
  function beside(name, i) { return more[name] ? more[name][i] : NaN; }
  function add(one, columns, i, coarse) {
    var live = columns.live_s[i];
    one.n += 1; one.t += columns.time_s[i]; one.live += live;
    one.gross += columns.gross[i]; one.background += columns.background[i]; one.variance += columns.variance[i];
    one.quality |= columns.quality[i];
    if (isFinite(columns.flux[i])) {
      one.good += live; one.flux += columns.flux[i] * live; one.flux2 += Math.pow(columns.flux_err[i] * live, 2);
    }
    one.airglow += beside('airglow', coarse); one.sun_alt += beside('sun_alt', coarse); one.bjd += beside('bjd_s', coarse);
  }
  function merge(one, other) {
    ['n', 't', 'live', 'gross', 'background', 'variance', 'flux', 'flux2', 'good', 'airglow', 'sun_alt', 'bjd'].forEach(function (name) {
      one[name] += other[name];
    });
    one.quality |= other.quality;
  }
  function bin(columns, from, to, factor, coarseOf, out) {
    var one = null;
    for (var i = from; i < to; i++) {
      if (columns.quality[i] & LOWEXP || !(columns.live_s[i] > 0)) continue;
      if (!one || one.n === factor || one.dataset !== columns.dataset[i]) {
        one = empty(columns.dataset[i]);
        out.push(one);
      }
      add(one, columns, i, coarseOf(i));
    }
  }
  function itself(i) { return i; }
  function bins(factor) {
    var out = [], coarse = Math.max(1, Math.round(factor / curve.factor));
    var wanted = factor < curve.factor && data === whole ? visibleParts() : [];
    if (!wanted.length || wanted.length > mostParts() || wanted.some(function (k) { return !details[k]; })) {
      bin(data, 0, n, coarse, itself, out);
      return out;
    }
    bin(data, 0, partStart(wanted[0]), coarse, itself, out);
    wanted.forEach(function (k) {
      var part = details[k], start = partStart(k);
      bin(part, 0, part.dataset.length, factor, function (i) { return start + part.group[i]; }, out);
    });
    bin(data, curve.details[wanted[wanted.length - 1]], n, coarse, itself, out);
    return out;
  }
  function mostParts() { return Math.min(12, 3 * (Number(size.value) || 1)); } // few enough to be loaded and drawn in about a second
  function partStart(k) { return k ? curve.details[k - 1] : 0; }
  function visibleParts() {
    if (!curve.details.length || axis.value === 'phase' || !doc) return [];
    var range = doc.get_model_by_name('time'), first = -1, last = -1, found = [];
    for (var i = 0; i < n; i++) {
      var x = place(whole.dataset[i], whole.time_s[i]);
      if (x >= range.start && x <= range.end) { if (first < 0) first = i; last = i; }
    }
    curve.details.forEach(function (stop, k) { if (first >= 0 && partStart(k) <= last && stop > first) found.push(k); });
    return found;
  }

  // --- time: where the gaps are closed every exposure is moved up to the one before
  function closing() {
    var low = {}, high = {}, order = [];
    for (var i = 0; i < n; i++) {
      var k = whole.dataset[i], t = whole.time_s[i];
      if (!(k in low)) { low[k] = high[k] = t; order.push(k); }
      if (t < low[k]) low[k] = t;
      if (t > high[k]) high[k] = t;
    }
    order.sort(function (a, b) { return a - b; });
    var total = order.reduce(function (sum, k) { return sum + high[k] - low[k]; }, 0);
    var pad = order.length > 1 ? 0.02 * total : 0, place = 0, shift = {}, edges = [];
    order.forEach(function (k, j) {
      if (j) edges.push(place - pad / 2);
      shift[k] = place - low[k];
      place += high[k] - low[k] + pad;
    });
    return {shift: shift, edges: edges};
  }
  var closed = closing();
  var firstStart = Math.min.apply(null, curve.exposures.map(function (one) { return one.start_mjd; }).concat(Infinity));
  var firstDay = Math.floor(firstStart);
  function startOf(dataset) { return (curve.exposures[dataset - 1] || {start_mjd: 0}).start_mjd; }
  function place(dataset, t) {
    return axis.value === 'mjd' ? (startOf(dataset) - firstDay) + t / DAY : t + closed.shift[dataset];
  }

  // --- folding: the phase of each bin's centre in BJD (TDB), in MJD (UTC) where the barycentric time is not known
  var SECONDS = {s: 1, min: 60, h: 3600, d: DAY};
  function ephemeris() {
    var period = Number(byId('period').value) * SECONDS[byId('period-unit').value];
    var text = byId('epoch').value.trim(), epoch = text === '' ? NaN : Number(text);
    return {period: period > 0 ? period : NaN, epoch_mjd: isFinite(epoch) ? (epoch > 1e6 ? epoch - JD : epoch) : firstStart};
  }
  function fold(list, ephemeris, count) {
    var barycentric = Boolean(more.bjd_s), out = [];
    list.forEach(function (one) {
      var since = (startOf(one.dataset) - ephemeris.epoch_mjd) * DAY + (one.t + (barycentric ? one.bjd : 0)) / one.n;
      var cycles = since / ephemeris.period;
      one.phase = cycles - Math.floor(cycles);
    });
    if (!count) { out = list; } else {
      var groups = {};
      list.forEach(function (one) {
        if (!isFinite(one.phase)) return;
        var k = Math.min(count - 1, Math.floor(one.phase * count));
        if (!groups[k]) { groups[k] = empty(0); groups[k].phase = (k + 0.5) / count; }
        merge(groups[k], one);
      });
      out = Object.keys(groups).map(function (k) { return groups[k]; });
    }
    out.sort(function (a, b) { return a.phase - b.phase; });
    return out.concat(out.map(function (one) { return Object.assign({}, one, {phase: one.phase + 1}); }));
  }

  // --- what is drawn
  // Fluxes are drawn in units of a power of ten.
  function powerOf(columns) {
    var size = Array.from(columns.flux).filter(isFinite).map(Math.abs).sort(function (a, b) { return a - b; });
    var typical = size[Math.floor(0.9 * size.length)];
    return typical > 0 ? Math.floor(Math.log10(typical)) : 0;
  }
  var UP = {'-': '⁻', 0: '⁰', 1: '¹', 2: '²', 3: '³', 4: '⁴', 5: '⁵', 6: '⁶', 7: '⁷', 8: '⁸', 9: '⁹'};
  function raised(power) { return String(power).replace(/./g, function (c) { return UP[c]; }); }
  function pair(value, error) {
    var decimals = error > 0 ? Math.min(6, Math.max(0, 1 - Math.floor(Math.log10(error)))) : 2;
    return '(' + value.toFixed(decimals) + ' ± ' + error.toFixed(decimals) + ')';
  }
  function words(quality) {
    var out = [];
    Object.keys(shared.quality).forEach(function (bit) { if (quality & bit) out.push(shared.quality[bit]); });
    return out.join(', ') || 'none';
  }
  // Gehrels (1986), equation 10: upper limit of a Poisson mean, here at 3 sigma, less the background
  function upperLimit(one) {
    var m = Math.max(0, one.gross) + 1;
    return (m * Math.pow(1 - 1 / (9 * m) + SIGMA / (3 * Math.sqrt(m)), 3) - one.background) / one.live;
  }
  var NUMBERS = ['x', 'flux', 'flux_low', 'flux_high', 'net', 'net_low', 'net_high', 'gross', 'background', 'limit', 'airglow', 'sun_alt', 'mjd', 'live'];
  function columns(list, power) {
    var size = list.length, out = {}, unit = Math.pow(10, power), limits = byId('limits').checked;
    NUMBERS.forEach(function (name) { out[name] = new Float64Array(size); });
    out.colour = []; out.exposure = []; out.flags = []; out.flux_text = []; out.net_text = [];
    list.forEach(function (one, i) {
      var t = one.t / one.n, net = (one.gross - one.background) / one.live, error = Math.sqrt(one.variance) / one.live;
      var flux = net, flux_error = error; // a hidden panel needs numbers, too
      if (data.calibrated) { flux = one.flux / one.good / unit; flux_error = Math.sqrt(one.flux2) / one.good / unit; }
      out.mjd[i] = one.dataset ? startOf(one.dataset) + t / DAY : NaN;
      out.x[i] = axis.value === 'phase' ? one.phase : place(one.dataset, t);
      out.flux[i] = flux; out.flux_low[i] = flux - flux_error; out.flux_high[i] = flux + flux_error;
      out.net_text.push(pair(net, error) + ' counts s⁻¹');
      var hidden = limits && net < SIGMA * error;
      out.limit[i] = hidden || (limits && !(error > 0)) ? upperLimit(one) : NaN;
      if (!isNaN(out.limit[i])) net = NaN;
      out.net[i] = net; out.net_low[i] = net - error; out.net_high[i] = net + error;
      out.gross[i] = one.gross / one.live; out.background[i] = one.background / one.live;
      out.airglow[i] = more.airglow ? one.airglow / one.n : 0; out.sun_alt[i] = more.sun_alt ? one.sun_alt / one.n : 0;
      out.live[i] = one.live;
      out.flux_text.push(pair(flux, flux_error) + ' × 10' + raised(power) + ' erg s⁻¹ cm⁻² Å⁻¹');
      out.colour.push(shared.colours[Math.max(0, one.dataset - 1) % shared.colours.length]);
      out.exposure.push(one.dataset ? (curve.exposures[one.dataset - 1] || {}).rootname || '' : 'folded');
      out.flags.push(words(one.quality));
    });
    return out;
  }

  var doc = null, controls = byId('controls'), axis = byId('axis'), size = byId('bin'), band = byId('band');
  function state() {
    var folded = axis.value === 'phase', power = powerOf(data), list = bins(Number(size.value) || 1);
    if (folded) list = fold(list, ephemeris(), Number(byId('phases').value)).filter(function (one) { return isFinite(one.phase); });
    var values = columns(list, power), low = Infinity, high = -Infinity;
    values.x.forEach(function (x) { if (x < low) low = x; if (x > high) high = x; });
    if (!(high >= low)) { low = 0; high = 1; }
    if (folded) { low = 0; high = 2; }
    var margin = 0.015 * (high - low) || 1;
    return {
      curve: values, power: power,
      edges: {x: folded ? [1] : axis.value === 'mjd' ? [] : closed.edges},
      time: {start: low - margin, end: high + margin, reset_start: low - margin, reset_end: high + margin},
      label: folded ? 'Phase' : axis.value === 'mjd' ? 'Days since MJD ' + firstDay + ' (UTC)'
        : closed.edges.length ? 'Time (s), gaps between exposures closed' : 'Time since the first bin (s)'
    };
  }
  var PANELS = ['flux', 'net', 'rates', 'airglow', 'sun'];
  function visibility() {
    var beneath = byId('beneath').checked;
    return {flux: data.calibrated, net: true, rates: true, airglow: Boolean(beneath && more.airglow), sun: Boolean(beneath && more.sun_alt)};
  }
  function labels(now) { // on the lowest panel only
    var seen = visibility(), lowest = PANELS.filter(function (name) { return seen[name]; }).pop(), out = {};
    PANELS.forEach(function (name) { out[name] = name === lowest ? now.label : ''; });
    return out;
  }

  function fromZero(values) {
    var high = 1.08 * values.reduce(function (most, value) { return value > most ? value : most; }, 0) || 1;
    return {start: 0, end: high, reset_start: 0, reset_end: high};
  }
  function draw(keepView) {
    var now = state(), seen = visibility(), label = labels(now);
    doc.get_model_by_name('curve').data = now.curve;
    doc.get_model_by_name('edges').data = now.edges;
    if (!keepView) doc.get_model_by_name('time').setv(now.time);
    if (seen.airglow) doc.get_model_by_name('airglow_range').setv(fromZero(now.curve.airglow));
    doc.get_model_by_name('flux_axis').axis_label = 'Flux (10' + raised(now.power) + ' erg s⁻¹ cm⁻² Å⁻¹)';
    PANELS.forEach(function (name) {
      doc.get_model_by_name(name).visible = seen[name];
      doc.get_model_by_name(name + '_time').axis_label = label[name];
    });
    setTimeout(letPageScroll, 0);
    say();
    board.dataset.state = [band ? band.value : '', size.value, axis.value].join(' ');
  }
  var complaint = '';
  function say() {
    var said = [complaint], fine = Number(size.value) < curve.factor;
    if (data === whole && fine && axis.value === 'phase') said.push('Folded are bins of ' + width(curve.factor) + '.');
    else if (data === whole && fine && visibleParts().length > mostParts()) said.push('Zoom in to see bins of ' + width(Number(size.value)) + '; here each point is ' + width(curve.factor) + ' long.');
    else if (data !== whole && fine) said.push('Bands are shown in bins of ' + width(curve.factor) + '.');
    if (byId('beneath').checked && !more.airglow && !more.sun_alt) said.push('Neither airglow nor the altitude of the Sun is known here.');
    if (axis.value === 'phase' && !(ephemeris().period > 0)) said.push('Type a period.');
    else if (axis.value === 'phase' && !more.bjd_s) said.push('The time at the barycentre is not known; phases are of MJD (UTC).');
    said = said.filter(Boolean);
    byId('binned').hidden = !said.length;
    byId('binned').textContent = said.join(' ');
  }

  // --- what is needed before drawing
  function needed() {
    var waiting = [];
    if (band && band.value) waiting.push(load('bands'));
    if (axis.value === 'phase' || byId('beneath').checked) {
      waiting.push(load('more').then(function (found) { more = unpack(found.floats, Float32Array); }));
    }
    return Promise.all(waiting);
  }
  function chooseData() {
    var one = band && band.value && window.hstlc_bands ? window.hstlc_bands[band.value] : null;
    data = one ? Object.assign({}, whole, decode(one), {calibrated: one.calibrated}) : whole;
  }
  var turn = 0;
  function update(keepView) {
    var mine = ++turn;
    byId('fold').hidden = axis.value !== 'phase';
    complaint = '';
    return needed().catch(function (error) { complaint = error.message; }).then(function () {
      if (mine !== turn) return;
      chooseData();
      draw(keepView);
      if (!keepView) lookCloser();
    });
  }
  // Levels of detail: what is in view comes in full resolution once it is little enough.
  var pause = 0;
  function lookCloser() {
    if (!curve.details.length || data !== whole || Number(size.value) >= curve.factor) return;
    clearTimeout(pause);
    pause = setTimeout(function () {
      var wanted = visibleParts();
      if (!wanted.length || wanted.length > mostParts()) { draw(true); return; }
      Promise.all(wanted.map(function (k) {
        return load('detail' + k).then(function (part) { details[k] = details[k] || decode(part); });
      })).then(function () { draw(true); }, function (error) { complaint = error.message; say(); });
    }, 150);
  }

  // --- the first state goes into the figure's description, before anything is drawn
  function find(value, name) {
    if (!value || typeof value !== 'object') return null;
    if (value.attributes && value.attributes.name === name) return value.attributes;
    for (var key in value) {
      var found = find(value[key], name);
      if (found) return found;
    }
    return null;
  }
  function asMap(data) {
    return {type: 'map', entries: Object.keys(data).map(function (name) { return [name, Array.from(data[name])]; })};
  }
  function filled(item) {
    var now = state(), label = labels(now);
    find(item, 'curve').data = asMap(now.curve);
    find(item, 'edges').data = asMap(now.edges);
    Object.assign(find(item, 'time'), now.time);
    find(item, 'flux').visible = curve.calibrated;
    if (!curve.calibrated) Object.assign(find(item, 'flux_range'), {start: 0, end: 1});
    find(item, 'flux_axis').axis_label = 'Flux (10' + raised(now.power) + ' erg s⁻¹ cm⁻² Å⁻¹)';
    PANELS.forEach(function (name) { find(item, name + '_time').axis_label = label[name]; });
    return item;
  }

  // --- fingers: up and down scrolls the page, sideways moves in time, two zoom; Bokeh would keep every drag for itself
  var touch = matchMedia('(pointer: coarse)').matches;
  function surfaces(node, found) {
    if (node.shadowRoot) surfaces(node.shadowRoot, found);
    node.querySelectorAll('*').forEach(function (one) {
      if (one.classList.contains('bk-events')) found.push(one);
      if (one.shadowRoot) surfaces(one.shadowRoot, found);
    });
    return found;
  }
  function hoverAt(event) {
    var at = {view: window, clientX: event.clientX, clientY: event.clientY, isPrimary: true, pointerId: -1};
    event.currentTarget.dispatchEvent(new PointerEvent('pointermove', at));
  }
  function letPageScroll() {
    if (!touch) return;
    surfaces(byId('figure'), []).forEach(function (one) {
      one.style.setProperty('touch-action', 'pan-y', 'important');
      if (!one.dataset.taps) one.addEventListener('click', hoverAt);
      one.dataset.taps = 'yes';
    });
  }
  function forFingers() {
    if (!touch) return;
    doc._all_models.forEach(function (model) {
      if (model.type === 'PanTool' || model.type === 'WheelZoomTool') model.dimensions = 'width';
      if (model.type === 'ToolProxy' && /^(Pan|WheelZoom)Tool$/.test(model.tools[0].type)) model.active = true;
    });
    byId('hint').textContent = 'Pinch to zoom, drag sideways to move, tap for values.';
    letPageScroll();
  }

  // --- controls
  function option(select, value, text) {
    var one = document.createElement('option');
    one.value = value;
    one.textContent = text;
    select.appendChild(one);
  }
  function width(factor) { return Number((factor * curve.step).toPrecision(4)) + ' s'; }
  function offerBins() {
    var most = Math.max(1, n * curve.factor / 8), wide = FACTORS.map(function (k) { return k * curve.factor; });
    var offered = FACTORS.filter(function (k) { return k < curve.factor; }).concat(wide).filter(function (k) { return k <= most; });
    offered.forEach(function (factor) { option(size, factor, width(factor)); });
    // as many points as can be told apart at first sight
    var fitting = offered.filter(function (k) { return k >= curve.factor && n * curve.factor / k >= 150; });
    size.value = fitting.length ? fitting[fitting.length - 1] : curve.factor;
  }
  function offerBands() {
    if (!curve.bands || !curve.bands.length) return;
    curve.bands.forEach(function (name) { option(band, name, name); });
    byId('band-field').hidden = false;
  }
  function undetected() { // in all: then single bins are better shown as limits
    var all = empty(0);
    for (var i = 0; i < n; i++) add(all, whole, i, i);
    return all.gross - all.background < SIGMA * Math.sqrt(all.variance);
  }
  function found() {
    byId('period').value = board.dataset.period || '';
    byId('period-unit').value = 's';
  }

  offerBins();
  offerBands();
  found();
  byId('limits').checked = undetected();
  Bokeh.embed.embed_item(filled(shared.figure), 'figure').then(function (manager) {
    doc = manager.roots[0].model.document;
    window.hstlc_paint(doc);
    forFingers();
    controls.hidden = false;
    controls.addEventListener('change', function () { update(false); });
    controls.addEventListener('submit', function (event) { event.preventDefault(); update(false); });
    byId('found').hidden = !board.dataset.period;
    byId('found').addEventListener('click', function () { found(); update(false); });
    var range = doc.get_model_by_name('time');
    [range.properties.start, range.properties.end].forEach(function (one) { one.change.connect(lookCloser); });
    say();
    board.dataset.drawn = 'yes';
    window.hstlc_document = doc;
  }).catch(function (error) { showPicture(); throw error; });
})();
