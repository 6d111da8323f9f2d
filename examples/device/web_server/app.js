function refresh() {
  fetch('/status.json')
    .then(function (answer) { return answer.json(); })
    .then(function (status) {
      document.getElementById('status').textContent = JSON.stringify(status, null, 2);
    });
}
refresh();
setInterval(refresh, 2000);
