// Colours of Bokeh figures: taken from the style sheet, so that they follow light and dark.
(function () {
  'use strict';
  function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }
  function paint(doc) {
    var text = colour('--text'), muted = colour('--muted'), rule = colour('--rule'), surface = colour('--surface');
    doc._all_models.forEach(function (model) {
      switch (model.type) {
        case 'LinearAxis': case 'CategoricalAxis':
          model.setv({axis_label_text_color: text, major_label_text_color: text, axis_line_color: muted, major_tick_line_color: muted});
          if (model.group_text_color !== undefined) model.setv({group_text_color: muted, separator_line_color: rule});
          break;
        case 'Grid': if (model.grid_line_color !== null) model.grid_line_color = rule; break;
        case 'Legend': model.label_text_color = text; break;
        case 'VSpan': model.line_color = {value: rule}; break;
        case 'AnnularWedge': model.line_color = {value: surface}; break;
      }
    });
  }
  window.hstlc_paint = function (doc) {
    paint(doc);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', function () { paint(doc); });
  };
})();
