// Pictures far down a page are loaded when a reader comes near them.
(function () {
  'use strict';
  function show(image) { image.src = image.dataset.src; delete image.dataset.src; }
  var images = document.querySelectorAll('img[data-src]');
  if (!window.IntersectionObserver) { images.forEach(show); return; }
  var watch = new IntersectionObserver(function (entries) {
    entries.forEach(function (entry) {
      if (entry.isIntersecting) { watch.unobserve(entry.target); show(entry.target); }
    });
  }, {rootMargin: '200px'});
  images.forEach(function (image) { watch.observe(image); });
  window.addEventListener('beforeprint', function () { document.querySelectorAll('img[data-src]').forEach(show); });
})();
