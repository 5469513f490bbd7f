for (const zone of document.querySelectorAll("[data-zone]")) zone.textContent = Intl.DateTimeFormat().resolvedOptions().timeZone;
for (const time of document.querySelectorAll("time[datetime*=T]")) {
  const here = new Date(time.dateTime).toLocaleString("sv");
  if ("exact" in time.dataset) time.textContent = here;
  else time.title = `${here} (${time.title})`;
}
