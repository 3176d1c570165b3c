/** A picture that is pressed opens as large as the window allows, in whole multiples of its pixels; a press or Escape closes it. */

export function startPictures(): void {
  const dialog = document.createElement("dialog");
  dialog.className = "large";
  dialog.addEventListener("click", () => dialog.close());
  document.body.append(dialog);
  for (const figure of document.querySelectorAll(".samples figure")) {
    const [shown] = figure.getElementsByTagName("img");
    const [button] = figure.getElementsByTagName("button");
    if (!shown || !button) continue;
    button.hidden = false;
    for (const pressed of [shown, button]) pressed.addEventListener("click", () => open(dialog, shown));
  }
}

function open(dialog: HTMLDialogElement, shown: HTMLImageElement): void {
  const large = shown.cloneNode() as HTMLImageElement;
  const { naturalWidth, naturalHeight } = shown;
  const room = Math.min((0.96 * innerWidth) / naturalWidth, (0.96 * innerHeight) / naturalHeight);
  const scale = Math.max(Math.floor(room), 2 * Math.round(shown.width / naturalWidth), 1);
  large.width = scale * naturalWidth;
  large.height = scale * naturalHeight;
  dialog.replaceChildren(large);
  dialog.showModal();
}
