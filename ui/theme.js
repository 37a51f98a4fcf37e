// The reader's choice of light or dark, before anything is drawn: so this file is small, apart, and not deferred.
// The switch itself is in ui/src. It also tells the styles that scripts run.
(function () {
  'use strict';
  var root = document.documentElement;
  root.classList.add('js');
  try {
    var theme = localStorage.getItem('eddy-theme');
    if (theme === 'light' || theme === 'dark') root.setAttribute('data-theme', theme);
  } catch (refused) { /* a browser that keeps nothing: then it is the machine's theme */ }
})();
