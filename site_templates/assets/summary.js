// Draws the summary plots: each element names the variable that holds its numbers, which come into a plot that all sites share.
(function () {
  'use strict';
  var shared = window.hstlc_charts;
  if (!window.Bokeh || !shared) return;
  function filled(numbers) { // a copy of the plot
    return JSON.parse(JSON.stringify(shared[numbers.figure]), function (key, model) {
      var has = model && model.attributes;
      if (has && has.name === 'numbers') has.data = {type: 'map', entries: Object.entries(numbers.columns)};
      if (has && has.name === 'factors') has.factors = numbers.factors;
      if (has && has.name === 'chart' && numbers.height) has.height = numbers.height;
      return model;
    });
  }
  document.querySelectorAll('[data-item]').forEach(function (place) {
    var numbers = window[place.dataset.item];
    if (!numbers) return;
    Bokeh.embed.embed_item(filled(numbers), place).then(function (manager) {
      window.hstlc_paint(manager.roots[0].model.document);
      place.dataset.drawn = 'yes';
    });
  });
})();
