// "Use my position": asks the phone once she presses the button, fills the form with it, and sends it.
// Two decimals are about half a mile: enough to sort towns, and not her door.
const DECIMALS = 2;

export function offerPosition(form) {
  if (!("geolocation" in navigator)) return;
  const said = form.querySelector("[role=status]");
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    said.textContent = form.dataset.asking;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        form.elements.latitude.value = coords.latitude.toFixed(DECIMALS);
        form.elements.longitude.value = coords.longitude.toFixed(DECIMALS);
        // Sending it this way does not come back to this listener.
        form.submit();
      },
      () => {
        said.textContent = form.dataset.sorry;
      },
      { timeout: 15000, maximumAge: 600000 },
    );
  });
}
