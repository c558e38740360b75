// Search in the guide: every section whose text holds all the words.
(function () {
  'use strict';
  var sections = window.hstlc_guide, form = document.getElementById('guide-search');
  if (!sections || !form) return;
  var input = document.getElementById('guide-q'), list = document.getElementById('guide-found');
  form.hidden = false;
  form.addEventListener('submit', function (event) { event.preventDefault(); });
  input.addEventListener('input', function () {
    var words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    list.textContent = '';
    if (!words.length) return;
    var found = sections.filter(function (one) {
      var text = (one.title + ' ' + one.text).toLowerCase();
      return words.every(function (word) { return text.indexOf(word) >= 0; });
    });
    found.sort(function (a, b) {
      return Number(b.title.toLowerCase().indexOf(words[0]) >= 0) - Number(a.title.toLowerCase().indexOf(words[0]) >= 0);
    });
    found.slice(0, 12).forEach(function (one) {
      var item = document.createElement('li'), link = document.createElement('a');
      link.href = form.dataset.base + one.href;
      link.textContent = one.title;
      item.appendChild(link);
      list.appendChild(item);
    });
    if (!found.length) list.textContent = 'Nothing found.';
  });
})();
