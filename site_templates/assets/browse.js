// One table of the whole archive: search by name, alias or coordinates, facets, order in the address, export.
(function () {
  'use strict';
  var catalog = window.hstlc_catalog;
  if (!catalog || !window.DataTable) return;
  var columnsOf = catalog.columns, names = Object.keys(columnsOf), n = catalog.n, byId = document.getElementById.bind(document);
  var form = byId('filters'), FACETS = ['instrument', 'detector', 'opt_elem'];
  // a column of text is its texts and, for each row, which of them
  function get(name, i) {
    var column = columnsOf[name];
    return column.texts ? column.texts[column.rows[i]] : column[i];
  }
  function product(i) { return 'products/' + columnsOf.stem[i] + '.fits'; }
  function row(i) {
    var one = {};
    names.forEach(function (name) { one[name] = get(name, i); });
    one.product = product(i);
    return one;
  }

  function esc(value) {
    return String(value).replace(/[&<>"']/g, function (c) {
      return {'&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;'}[c];
    });
  }
  // --- numbers as a person reads them, as hstlc/site/text.py does
  var NONE = '–', UP = {'-': '⁻', 0: '⁰', 1: '¹', 2: '²', 3: '³', 4: '⁴', 5: '⁵', 6: '⁶', 7: '⁷', 8: '⁸', 9: '⁹'};
  function fixed(value, decimals) {
    var parts = value.toFixed(decimals).replace('-', '−').split('.');
    parts[0] = parts[0].replace(/\B(?=(\d{3})+$)/g, '\u202f');
    return parts.join('.');
  }
  function number(value, digits) {
    if (value === null || value === undefined) return NONE;
    if (value === 0) return '0';
    var power = Math.floor(Math.log10(Math.abs(value)));
    if (power >= 6 || power < -3) {
      return fixed(value / Math.pow(10, power), digits - 1) + '\u202f×\u202f10' + String(power).replace(/./g, function (c) { return UP[c]; });
    }
    return fixed(value, Math.max(0, digits - 1 - power));
  }
  function duration(seconds) {
    if (seconds === null) return NONE;
    var units = [[600, 1, 's'], [7200, 60, 'min'], [259200, 3600, 'h'], [Infinity, 86400, 'd']];
    var unit = units.find(function (u) { return seconds < u[0]; });
    return number(seconds / unit[1], 3) + '\u202f' + unit[2];
  }
  function day(mjd) {
    return mjd === null ? NONE : new Date((mjd - 40587) * 86400000).toISOString().slice(0, 10);
  }

  // --- columns
  function shown(format) {
    return function (value, type) { return type === 'display' ? esc(format(value)) : value; };
  }
  function plain(name, title) { return {data: name, title: title, type: 'string', render: shown(String)}; }
  function numeric(name, title, format) {
    return {data: name, title: title, className: 'num', type: 'num', render: shown(format)};
  }
  var columns = [
    {data: 'stem', title: 'Light curve', type: 'string', orderable: false, searchable: false, render: function (stem, type, one) {
      if (type !== 'display') return stem;
      return '<a href="lightcurves/' + encodeURIComponent(stem) + '.html"><img src="figures/' + encodeURIComponent(stem) +
        '_thumb.png" width="128" height="48" loading="lazy" alt="Light curve of ' + esc(one.target) + '"></a>';
    }},
    {data: 'target', title: 'Target', type: 'string', render: function (name, type, one) {
      if (type !== 'display') return name;
      return '<a href="targets/' + encodeURIComponent(one.slug) + '.html">' + esc(name) + '</a>';
    }},
    plain('instrument', 'Instrument'), plain('detector', 'Detector'), plain('opt_elem', 'Grating'),
    numeric('cenwave', 'Cenwave (Å)', function (value) { return value || NONE; }), plain('aperture', 'Aperture'),
    numeric('exposures', 'Exposures', String), numeric('exptime_s', 'Exposure time', duration),
    numeric('x_interest', 'Interest', function (value) { return value === null ? NONE : fixed(value, 0); }),
    numeric('scatter_ratio', 'Scatter over noise', function (value) { return number(value, 3); }),
    numeric('poisson_factor', 'Poisson factor', function (value) { return number(value, 3); }),
    numeric('mjd_beg', 'First', day), numeric('mjd_end', 'Last', day),
    numeric('total', 'Total (counts)', function (value) { return value === null ? NONE : fixed(value, 0); }),
    numeric('mean', 'Mean (counts)', function (value) { return number(value, 3); }),
    numeric('pearson_r', 'Pearson r', function (value) { return number(value, 2); }),
    numeric('pearson_p', 'Pearson p', function (value) { return number(value, 2); }),
    numeric('best_period_s', 'Best period', duration),
    numeric('best_power', 'Power', function (value) { return number(value, 2); }),
    numeric('x_period_s', 'Likely period', duration),
    numeric('x_period_fap', 'False-alarm probability', function (value) { return number(value, 2); }),
    {data: 'warnings', title: 'Flags', type: 'string', render: shown(function (codes) {
      return codes.map(function (code) { return code.split(':')[0]; }).join(' ') || NONE;
    })}
  ];

  // --- state: in the address after '#', so that it can be shared and works from a folder
  var DEFAULT_ORDER = [9, 'desc'];
  function state() {
    var given = new URLSearchParams(location.hash.slice(1));
    new URLSearchParams(location.search).forEach(function (value, key) { if (!location.hash) given.set(key, value); });
    return given;
  }
  function restore() {
    var given = state();
    ['q', 'radius', 'set'].concat(FACETS).forEach(function (name) {
      if (given.has(name)) byId(name).value = given.get(name);
    });
    byId('individual').checked = given.get('individual') === '1';
    var order = (given.get('order') || '').split('-');
    return order.length === 2 && columns[Number(order[0])] ? [Number(order[0]), order[1] === 'asc' ? 'asc' : 'desc'] : DEFAULT_ORDER;
  }
  function remember() {
    var kept = new URLSearchParams();
    ['q', 'set'].concat(FACETS).forEach(function (name) { if (byId(name).value) kept.set(name, byId(name).value); });
    if (place) kept.set('radius', byId('radius').value);
    if (byId('individual').checked) kept.set('individual', '1');
    if (order[0] !== DEFAULT_ORDER[0] || order[1] !== DEFAULT_ORDER[1]) kept.set('order', order[0] + '-' + order[1]);
    var text = kept.toString();
    if (text !== location.hash.slice(1)) history.replaceState(null, '', '#' + text);
  }

  // --- coordinates: degrees, or sexagesimal with colons, blanks or units
  function coordinates(text) {
    var parts = text.replace(/[−–]/g, '-').replace(/[hmsd°'"ʰᵐˢ′″:,]/gi, ' ').trim().split(/\s+/);
    if (!parts.every(function (part) { return /^[+-]?\d+(\.\d*)?$/.test(part); })) return null;
    var v = parts.map(Number);
    if (v.length === 2 && /[.]/.test(text)) return range(v[0], v[1]);
    if (v.length !== 6) return null;
    var sign = /^-/.test(parts[3]) ? -1 : 1;
    return range(15 * (v[0] + v[1] / 60 + v[2] / 3600), sign * (Math.abs(v[3]) + v[4] / 60 + v[5] / 3600));
  }
  function range(ra, dec) { return ra >= 0 && ra <= 360 && Math.abs(dec) <= 90 ? {ra: ra, dec: dec} : null; }
  function separation(one, other) {
    var r = Math.PI / 180, d = (other.dec - one.dec) * r / 2, a = (other.ra - one.ra) * r / 2;
    var h = Math.pow(Math.sin(d), 2) + Math.cos(one.dec * r) * Math.cos(other.dec * r) * Math.pow(Math.sin(a), 2);
    return 2 * Math.asin(Math.min(1, Math.sqrt(h))) / r * 60;
  }

  // --- filter
  var SETS = {
    interesting: function (i) { return columnsOf.poisson_factor[i] !== null && columnsOf.poisson_factor[i] >= catalog.interesting; },
    boring: function (i) { return columnsOf.poisson_factor[i] !== null && columnsOf.poisson_factor[i] < catalog.interesting; },
    'null': function (i) { return columnsOf.poisson_factor[i] === null; },
    periodic: function (i) { return columnsOf.periodogram[i]; }
  };
  var place = null, needle = '', chosen = {};
  function read() {
    needle = squeeze(byId('q').value);
    place = coordinates(byId('q').value.trim().toLowerCase());
    byId('radius-field').hidden = !place;
    FACETS.forEach(function (name) { chosen[name] = byId(name).value; });
    chosen.set = SETS[byId('set').value];
    chosen.individual = byId('individual').checked;
    chosen.radius = Number(byId('radius').value) || 2;
  }
  function squeeze(text) { return text.toLowerCase().replace(/[\s_-]+/g, ''); }
  var searched = null; // name, aliases and file name of each row, made when first needed
  function searchable() {
    var target = columnsOf.target, aliases = columnsOf.aliases, cached = {};
    searched = searched || columnsOf.stem.map(function (stem, i) {
      var key = target.rows[i] + ' ' + aliases.rows[i];
      cached[key] = cached[key] || [get('target', i)].concat(get('aliases', i)).map(squeeze).join('\n');
      return cached[key] + '\n' + squeeze(stem);
    });
    return searched;
  }
  // each filter that is set looks through the rows that the one before left
  function select(ranked) {
    var found = ranked, ra = columnsOf.ra_deg, dec = columnsOf.dec_deg;
    function keep(accept) { found = found.filter(accept); }
    if (!chosen.individual) keep(function (i) { return columnsOf.composite[i]; });
    FACETS.forEach(function (name) {
      var column = columnsOf[name], code = column.texts.indexOf(chosen[name]);
      if (chosen[name]) keep(function (i) { return column.rows[i] === code; });
    });
    if (chosen.set) keep(chosen.set);
    if (place) {
      keep(function (i) {
        return ra[i] !== null && Math.abs(dec[i] - place.dec) * 60 <= chosen.radius &&
          separation(place, {ra: ra[i], dec: dec[i]}) <= chosen.radius;
      });
    } else if (needle) {
      var texts = searchable();
      keep(function (i) { return texts[i].indexOf(needle) >= 0; });
    }
    return found;
  }

  // --- order: what is missing comes last either way; equals keep the order in which browse begins
  var ranked = {};
  function ranking(name, ascending, among) {
    var key = name + ascending;
    if (ranked[key]) return ranked[key];
    var column = columnsOf[name], values = column;
    if (column.texts || name === 'stem') {
      var texts = (column.texts || column).map(function (text) { return String(text).toLowerCase(); });
      var rank = new Map(Array.from(new Set(texts)).sort().map(function (text, k) { return [text, k]; }));
      var places = texts.map(function (text) { return rank.get(text); });
      values = column.texts ? column.rows.map(function (k) { return places[k]; }) : places;
    }
    var sign = ascending ? 1 : -1, keys = Float64Array.from(values, function (value) { return value === null ? Infinity : sign * value; });
    ranked[key] = among.slice().sort(function (a, b) { return keys[a] < keys[b] ? -1 : keys[a] > keys[b] ? 1 : 0; });
    return ranked[key];
  }
  function inOrder(order) { // equal interest: by scatter
    var all = ranking('scatter_ratio', false, Array.from({length: n}, function (_, i) { return i; }));
    return ranking(columns[order[0]].data, order[1] === 'asc', ranking('x_interest', false, all));
  }
  function fill(select, values) {
    values.sort().forEach(function (value) {
      var option = document.createElement('option');
      option.value = option.textContent = value;
      select.appendChild(option);
    });
  }
  FACETS.forEach(function (name) {
    fill(byId(name), columnsOf[name].texts.slice());
  });

  // --- table
  byId('browse-plain').hidden = true;
  var holder = byId('browse-table'), element = document.createElement('table');
  element.className = 'data catalog';
  holder.hidden = false;
  holder.appendChild(element);
  form.hidden = false;
  var order = restore(), found = [];
  read();
  var table = new window.DataTable(element, {
    columns: columns, order: [order], pageLength: 50, lengthMenu: [25, 50, 100, 500], autoWidth: false,
    serverSide: true, // which rows and in what order is decided here: as fast with 50 000 rows as with fifty
    ajax: function (request, done) {
      if (request.order.length) order = [request.order[0].column, request.order[0].dir];
      found = select(inOrder(order));
      var last = request.length < 0 ? found.length : request.start + request.length;
      done({draw: request.draw, recordsTotal: n, recordsFiltered: found.length, data: found.slice(request.start, last).map(row)});
      report();
      remember();
    },
    layout: {topStart: null, topEnd: null, bottomStart: ['pageLength', 'info'], bottomEnd: 'paging'},
    language: {emptyTable: 'No light curve fits. Try fewer filters.', zeroRecords: 'No light curve fits. Try fewer filters.', lengthMenu: '_MENU_ per page', info: '_START_ to _END_ of _TOTAL_', infoEmpty: '', infoFiltered: ''}
  });
  var scroller = document.createElement('div');
  scroller.className = 'scroll';
  scroller.tabIndex = 0;
  scroller.setAttribute('role', 'region');
  scroller.setAttribute('aria-label', 'Light curves');
  element.parentNode.insertBefore(scroller, element);
  scroller.appendChild(element);

  function report() {
    var kind = chosen.individual ? ' light curve' : ' composite light curve';
    byId('found').textContent = fixed(found.length, 0) + kind + (found.length === 1 ? '' : 's') +
      (place ? ' within ' + chosen.radius + ' arcmin of ' + place.ra.toFixed(4) + '° ' + place.dec.toFixed(4) + '°' : '') + '.';
  }
  function apply() { read(); table.draw(); }
  var waiting = 0;
  form.addEventListener('input', function () { clearTimeout(waiting); waiting = setTimeout(apply, 80); });
  form.addEventListener('submit', function (event) { event.preventDefault(); apply(); });
  form.addEventListener('reset', function () { setTimeout(apply, 0); });
  window.addEventListener('hashchange', function () { form.reset(); order = restore(); table.order([order]); apply(); });

  // --- export: what is shown, in its order; a text that a spreadsheet would take for a formula gets a quote before it
  function cell(value) {
    if (value === null || value === undefined) return '';
    var text = Array.isArray(value) ? value.join(' ') : String(value);
    if (typeof value !== 'number' && /^[=+\-@\t\r]/.test(text)) text = "'" + text;
    return /[",\n\r]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
  }
  function save(text, type, name) {
    var link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([text], {type: type}));
    link.download = name;
    link.click();
    setTimeout(function () { URL.revokeObjectURL(link.href); }, 1000);
  }
  byId('export').addEventListener('click', function () {
    var lines = [names.concat('product').join(',')];
    found.forEach(function (i) {
      lines.push(names.map(function (name) { return cell(get(name, i)); }).concat(cell(product(i))).join(','));
    });
    save(lines.join('\r\n') + '\r\n', 'text/csv', 'hstlc.csv');
  });
  byId('addresses').addEventListener('click', function () { // wget -i hstlc.txt, or xargs -n 1 curl -O < hstlc.txt
    var lines = found.map(function (i) {
      return new URL(product(i).split('/').map(encodeURIComponent).join('/'), location.href).href;
    });
    save(lines.join('\n') + '\n', 'text/plain', 'hstlc.txt');
  });
  (window.requestIdleCallback || setTimeout)(searchable); // before somebody types
  holder.dataset.ready = 'yes';
})();
