// Makes a plain table sortable.
(function () {
  'use strict';
  var element = document.getElementById('sortable');
  if (!element || !window.DataTable) return;
  new window.DataTable(element, {
    paging: false, info: false, searching: false, autoWidth: false, order: [],
    layout: {topStart: null, topEnd: null, bottomStart: null, bottomEnd: null},
    columnDefs: [{orderable: false, targets: 0}]
  });
  element.dataset.ready = 'yes';
})();
