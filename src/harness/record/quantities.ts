/** What a recorded quantity of training says, and with what it may be compared: for whoever shows curves. */

export interface QuantityText {
  readonly title: string;
  /** What the number is. */
  readonly meaning: string;
  /** What it does and does not tell, within a model and across families. */
  readonly comparable: string;
}

const NORM =
  "Its size depends on the loss, the network and the batch: compare its steadiness, not its value.";
const SCORE =
  "A probability under the non-saturating loss, else a score without a unit; only the distance between real and generated says something.";

export const quantities = {
  loss: {
    title: "Loss",
    meaning:
      "What a diffusion model minimises: the (weighted) mean squared error of its prediction over noise levels drawn at random.",
    comparable:
      "It falls as the model learns and is comparable between diffusion models of one schedule, target and weighting; its lowest value is not 0, and a GAN has nothing like it.",
  },
  gradient_norm: {
    title: "Gradient norm",
    meaning: "Length of the gradient of the loss over all parameters, before clipping.",
    comparable: NORM,
  },
  discriminator_loss: {
    title: "Discriminator loss",
    meaning:
      "What the discriminator minimises against the generator of that moment, without penalties: 2 ln 2 (non-saturating), 2 (hinge) or 1/4 (least squares) where it cannot tell generated images from real ones, 0 where it always can; for Wasserstein minus its estimate of the distance between the two distributions.",
    comparable:
      "Two players move it: neither a low nor a falling value means better images. Only under the Wasserstein loss does it follow image quality. Not comparable between losses, nor with a diffusion loss.",
  },
  generator_loss: {
    title: "Generator loss",
    meaning: "What the generator minimises against the discriminator of that moment.",
    comparable:
      "It rises when the discriminator gets better as well as when the generator gets worse, so it says nothing of quality. Not comparable between losses, nor with a diffusion loss.",
  },
  discriminator_penalty: {
    title: "Discriminator penalty",
    meaning:
      "The gradient penalty or R1 term that is added to the discriminator's loss, its weight included.",
    comparable: "Comparable between models with the same penalty and weight.",
  },
  discriminator_gradient_norm: {
    title: "Discriminator gradient norm",
    meaning: "Length of the gradient of the discriminator's loss and penalties over its parameters.",
    comparable: NORM,
  },
  generator_gradient_norm: {
    title: "Generator gradient norm",
    meaning:
      "Length of the gradient of the generator's loss over its parameters; near 0 the generator learns nothing.",
    comparable: NORM,
  },
  discriminator_real: {
    title: "Score of real images",
    meaning: "Mean score that the discriminator gives real images.",
    comparable: SCORE,
  },
  discriminator_fake: {
    title: "Score of generated images",
    meaning: "Mean score that the discriminator gives generated images.",
    comparable: SCORE,
  },
  discriminator_accuracy: {
    title: "Discriminator accuracy",
    meaning:
      "Share of a batch's real and generated images on the right side of the discriminator's threshold, before its step; for Wasserstein, which has none, of the middle between the two mean scores.",
    comparable:
      "Comparable between GANs: 0.5 is a discriminator that cannot tell, 1 one that is saturated and may have nothing left to teach. A diffusion model has none.",
  },
} satisfies Record<string, QuantityText>;

/** The text of a quantity; undefined for one that is not in the table. */
export function quantityText(quantity: string): QuantityText | undefined {
  return Object.hasOwn(quantities, quantity) ? quantities[quantity as keyof typeof quantities] : undefined;
}
