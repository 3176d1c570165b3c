/**
 * A network is a value: what it holds, what it costs, and how it is applied. Leaves are in layers.ts; `define` makes a
 * network of networks, so parameters and floating-point operations are counted where they are declared.
 *
 *     const block = define({ norm: groupNormalisation(c, 8), conv: convolution({...}) },
 *       ({ norm, conv }, x: tf.Tensor4D) => tf.add(x, conv(silu(norm(x)))));
 */
import type { Tensor } from "@tensorflow/tfjs-core";
import { assert } from "../../core/errors.ts";
import type { Tree } from "../../engine/ops/index.ts";
import type { ParameterSpecs } from "./parameters.ts";

/** Floating-point operations of one image's forward pass, 2 per multiply-add. Element-wise work is not counted. */
export interface Flops {
  readonly convolution: number;
  readonly dense: number;
  readonly attention: number;
}

/** Where a layer finds its values, and in which form its normalisation runs. */
export interface Scope {
  /** Parameters, and in evaluation form running statistics, by full name. */
  readonly values: Tree;
  /** Full name of the layer and a dot; empty at the root. */
  readonly path: string;
  readonly training: boolean;
  /** Training form only: takes this batch's statistics, under the full names of the running ones. */
  readonly record?: (name: string, value: Tensor) => void;
}

export interface Layer<Inputs extends readonly unknown[], Output> {
  readonly parameters: ParameterSpecs;
  /** Running statistics: carried beside the parameters, moved outside of the gradient. */
  readonly statistics: ParameterSpecs;
  readonly flops: Flops;
  apply(scope: Scope, ...inputs: Inputs): Output;
}

type AnyLayer = Layer<never[], unknown>;
type Children = Readonly<Record<string, AnyLayer | readonly AnyLayer[]>>;
type Applied<L> = L extends Layer<infer Inputs, infer Output> ? (...inputs: Inputs) => Output : never;
type Bound<C extends Children> = {
  readonly [K in keyof C]: C[K] extends readonly (infer L)[] ? readonly Applied<L>[] : Applied<C[K]>;
};

export const noFlops: Flops = { convolution: 0, dense: 0, attention: 0 };

export function totalFlops({ convolution, dense, attention }: Flops): number {
  return convolution + dense + attention;
}

function sumFlops(all: readonly Flops[]): Flops {
  return all.reduce(
    (sum, { convolution, dense, attention }) => ({
      convolution: sum.convolution + convolution,
      dense: sum.dense + dense,
      attention: sum.attention + attention,
    }),
    noFlops,
  );
}

/** A layer without values or counted work. */
export function pure<Inputs extends readonly unknown[], Output>(
  apply: (...inputs: Inputs) => Output,
): Layer<Inputs, Output> {
  return { parameters: {}, statistics: {}, flops: noFlops, apply: (_scope, ...inputs) => apply(...inputs) };
}

/**
 * A network of named children; a list's members are named by their place in it. `body` receives them as plain functions
 * and applies each once; `own` is the counted work of the body itself, such as attention's products.
 */
export function define<const C extends Children, Inputs extends readonly unknown[], Output>(
  children: C,
  body: (layers: Bound<C>, ...inputs: Inputs) => Output,
  own: Flops = noFlops,
): Layer<Inputs, Output> {
  const named = Object.entries(children).flatMap(([name, child]): [string, AnyLayer][] =>
    isList(child) ? child.map((layer, i) => [`${name}.${i}`, layer]) : [[name, child]],
  );
  const gather = (of: "parameters" | "statistics"): ParameterSpecs =>
    Object.fromEntries(
      named.flatMap(([name, layer]) =>
        Object.entries(layer[of]).map(([inner, spec]) => [`${name}.${inner}`, spec]),
      ),
    );
  return {
    parameters: gather("parameters"),
    statistics: gather("statistics"),
    flops: sumFlops([own, ...named.map(([, layer]) => layer.flops)]),
    apply(scope, ...inputs) {
      const bind =
        (name: string, layer: AnyLayer) =>
        (...given: never[]) =>
          layer.apply({ ...scope, path: `${scope.path}${name}.` }, ...given);
      const bound = Object.entries(children).map(([name, child]) => [
        name,
        isList(child) ? child.map((layer, i) => bind(`${name}.${i}`, layer)) : bind(name, child),
      ]);
      return body(Object.fromEntries(bound) as Bound<C>, ...inputs);
    },
  };
}

function isList(child: AnyLayer | readonly AnyLayer[]): child is readonly AnyLayer[] {
  return Array.isArray(child);
}

/** A leaf's own value. */
export function parameter<T extends Tensor>(scope: Scope, name: string): T {
  const value = scope.values[scope.path + name];
  assert(value !== undefined, `network: no value named ${scope.path}${name}`);
  return value as T;
}

/** Evaluation form: batch normalisation uses the running statistics, which are among `values`. */
export function applyEvaluation<Inputs extends readonly unknown[], Output>(
  network: Layer<Inputs, Output>,
  values: Tree,
  ...inputs: Inputs
): Output {
  return network.apply({ values, path: "", training: false }, ...inputs);
}

/** Training form: batch normalisation uses the statistics of this batch. */
export function applyTraining<Inputs extends readonly unknown[], Output>(
  network: Layer<Inputs, Output>,
  values: Tree,
  ...inputs: Inputs
): Output {
  return network.apply({ values, path: "", training: true }, ...inputs);
}

/** Training form that also gives this batch's statistics, named as in `network.statistics`. Not inside a gradient. */
export function applyTrainingWithStatistics<Inputs extends readonly unknown[], Output>(
  network: Layer<Inputs, Output>,
  values: Tree,
  ...inputs: Inputs
): { output: Output; statistics: Tree } {
  const statistics: Record<string, Tensor> = {};
  const record = (name: string, value: Tensor) => {
    statistics[name] = value;
  };
  return { output: network.apply({ values, path: "", training: true, record }, ...inputs), statistics };
}
