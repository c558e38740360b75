// The interactive light curve: columns come as base64, are binned here and put into the figure that the whole site shares.
(function () {
  'use strict';
  var curve = window.hstlc_curve, shared = window.hstlc_dashboard;
  if (!window.Bokeh || !curve || !shared) return;
  var FACTORS = [1, 2, 3, 5, 10, 15, 30, 60, 120, 300];
  var LOWEXP = 2, DAY = 86400;

  function bytes(text) {
    var raw = atob(text), out = new Uint8Array(raw.length);
    for (var i = 0; i < raw.length; i++) out[i] = raw.charCodeAt(i);
    return out.buffer;
  }
  function unpack(columns, Type) {
    var out = {};
    Object.keys(columns).forEach(function (name) { out[name] = new Type(bytes(columns[name])); });
    return out;
  }
  var data = Object.assign(unpack(curve.floats, Float32Array), unpack(curve.ints, Uint16Array));
  var n = data.dataset.length;

  // Neighbouring bins of one exposure are added up; fluxes are means over live time, as in the products.
  function bin(factor) {
    var out = [], one = null;
    for (var i = 0; i < n; i++) {
      if (data.quality[i] & LOWEXP || !(data.live_s[i] > 0)) continue;
      if (!one || one.n === factor || one.dataset !== data.dataset[i]) {
        one = {n: 0, dataset: data.dataset[i], t: 0, live: 0, gross: 0, background: 0, variance: 0, flux: 0, flux2: 0, good: 0, quality: 0};
        out.push(one);
      }
      var live = data.live_s[i];
      one.n += 1; one.t += data.time_s[i]; one.live += live;
      one.gross += data.gross[i]; one.background += data.background[i]; one.variance += data.variance[i];
      one.quality |= data.quality[i];
      if (isFinite(data.flux[i])) {
        one.good += live; one.flux += data.flux[i] * live; one.flux2 += Math.pow(data.flux_err[i] * live, 2);
      }
    }
    return out;
  }

  // Where the gaps are closed every exposure is moved up to the one before.
  function closing() {
    var low = {}, high = {}, order = [];
    for (var i = 0; i < n; i++) {
      var k = data.dataset[i], t = data.time_s[i];
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
  var firstDay = Math.floor(Math.min.apply(null, curve.exposures.map(function (one) { return one.start_mjd; })));

  // Fluxes are drawn in units of a power of ten.
  var power = (function () {
    var size = Array.from(data.flux).filter(isFinite).map(Math.abs).sort(function (a, b) { return a - b; });
    var typical = size[Math.floor(0.9 * size.length)];
    return typical > 0 ? Math.floor(Math.log10(typical)) : 0;
  })();
  var unit = Math.pow(10, power), UP = {'-': '⁻', 0: '⁰', 1: '¹', 2: '²', 3: '³', 4: '⁴', 5: '⁵', 6: '⁶', 7: '⁷', 8: '⁸', 9: '⁹'};
  var raised = String(power).replace(/./g, function (c) { return UP[c]; });

  function pair(value, error) {
    var decimals = error > 0 ? Math.min(6, Math.max(0, 1 - Math.floor(Math.log10(error)))) : 2;
    return '(' + value.toFixed(decimals) + ' ± ' + error.toFixed(decimals) + ')';
  }

  function words(quality) {
    var out = [];
    Object.keys(shared.quality).forEach(function (bit) { if (quality & bit) out.push(shared.quality[bit]); });
    return out.join(', ') || 'none';
  }

  function columns(factor, axis) {
    var bins = bin(factor), size = bins.length, out = {};
    ['x', 'flux', 'flux_low', 'flux_high', 'net', 'net_low', 'net_high', 'gross', 'background', 'mjd', 'live'].forEach(function (name) {
      out[name] = new Float64Array(size);
    });
    out.colour = []; out.exposure = []; out.flags = []; out.flux_text = []; out.net_text = [];
    bins.forEach(function (one, i) {
      var t = one.t / one.n, exposure = curve.exposures[one.dataset - 1] || {start_mjd: 0, rootname: ''};
      var net = (one.gross - one.background) / one.live, error = Math.sqrt(one.variance) / one.live;
      var flux = net, flux_error = error; // a hidden panel needs numbers, too
      if (curve.calibrated) { flux = one.flux / one.good / unit; flux_error = Math.sqrt(one.flux2) / one.good / unit; }
      out.mjd[i] = exposure.start_mjd + t / DAY;
      out.x[i] = axis === 'mjd' ? (exposure.start_mjd - firstDay) + t / DAY : t + closed.shift[one.dataset];
      out.flux[i] = flux; out.flux_low[i] = flux - flux_error; out.flux_high[i] = flux + flux_error;
      out.net[i] = net; out.net_low[i] = net - error; out.net_high[i] = net + error;
      out.gross[i] = one.gross / one.live; out.background[i] = one.background / one.live;
      out.live[i] = one.live;
      out.flux_text.push(pair(flux, flux_error) + ' × 10' + raised + ' erg s⁻¹ cm⁻² Å⁻¹');
      out.net_text.push(pair(net, error) + ' counts s⁻¹');
      out.colour.push(shared.colours[(one.dataset - 1) % shared.colours.length]);
      out.exposure.push(exposure.rootname);
      out.flags.push(words(one.quality));
    });
    return out;
  }

  var doc = null, controls = document.getElementById('controls');
  var axis = document.getElementById('axis'), size = document.getElementById('bin');

  function state() {
    var values = columns(Number(size.value) || 1, axis.value), low = Infinity, high = -Infinity;
    values.x.forEach(function (x) { if (x < low) low = x; if (x > high) high = x; });
    var margin = 0.015 * (high - low) || 1;
    return {
      curve: values,
      edges: {x: axis.value === 'mjd' ? [] : closed.edges},
      time: {start: low - margin, end: high + margin, reset_start: low - margin, reset_end: high + margin},
      label: axis.value === 'mjd' ? 'Days since MJD ' + firstDay + ' (UTC)'
        : closed.edges.length ? 'Time (s), gaps between exposures closed' : 'Time since the first bin (s)'
    };
  }

  function update() {
    var now = state();
    doc.get_model_by_name('curve').data = now.curve;
    doc.get_model_by_name('edges').data = now.edges;
    doc.get_model_by_name('time').setv(now.time);
    doc.get_model_by_name('time_axis').axis_label = now.label;
  }

  // The first state goes into the figure's description, before anything is drawn.
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
    var now = state();
    find(item, 'curve').data = asMap(now.curve);
    find(item, 'edges').data = asMap(now.edges);
    Object.assign(find(item, 'time'), now.time);
    find(item, 'flux').visible = curve.calibrated;
    find(item, 'flux_axis').axis_label = 'Flux (10' + raised + ' erg s⁻¹ cm⁻² Å⁻¹)';
    find(item, 'time_axis').axis_label = now.label;
    return item;
  }

  function offerBins() {
    var step = curve.step * curve.factor, most = Math.max(1, n / 8);
    FACTORS.filter(function (factor) { return factor <= most; }).forEach(function (factor) {
      var option = document.createElement('option');
      option.value = factor;
      option.textContent = Number((factor * step).toPrecision(4)) + ' s';
      size.appendChild(option);
    });
    // as many points as can be told apart at first sight
    var fitting = FACTORS.filter(function (factor) { return factor <= most && n / factor >= 150; });
    size.value = fitting.length ? fitting[fitting.length - 1] : 1;
  }

  if (curve.factor > 1) {
    var note = document.getElementById('binned');
    note.hidden = false;
    note.textContent = 'For the figure, ' + curve.factor + ' bins of the product were added up; the download holds them all.';
  }
  offerBins();
  Bokeh.embed.embed_item(filled(shared.figure), 'figure').then(function (manager) {
    doc = manager.roots[0].model.document;
    window.hstlc_paint(doc);
    document.getElementById('static').hidden = true;
    controls.hidden = false;
    controls.addEventListener('change', update);
    controls.addEventListener('submit', function (event) { event.preventDefault(); });
    document.getElementById('dashboard').dataset.drawn = 'yes';
    window.hstlc_document = doc;
  });
})();
