// Draws the summary plots: each element names the variable that holds its figure.
(function () {
  'use strict';
  if (!window.Bokeh) return;
  document.querySelectorAll('[data-item]').forEach(function (place) {
    var item = window[place.dataset.item];
    if (!item) return;
    Bokeh.embed.embed_item(item, place).then(function (manager) {
      window.hstlc_paint(manager.roots[0].model.document);
      place.dataset.drawn = 'yes';
    });
  });
})();
