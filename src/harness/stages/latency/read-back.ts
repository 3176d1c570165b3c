/** The part of a request spent on bringing results to the host: an engine that also measures the time of its reads. */
import type { Compiled, Engine } from "../../../engine/contract.ts";

export interface TimedReads {
  readonly engine: Engine;
  /** Milliseconds of reads since the last call. The device is idle before each read, so computing is not counted. */
  take(): number;
}

export function timedReads(engine: Engine): TimedReads {
  let milliseconds = 0;
  const timed: Engine = Object.create(engine, {
    compile: {
      value: async (...given: Parameters<Engine["compile"]>) => {
        const compiled = await engine.compile(...given);
        const run: Compiled["run"] = async (inputs) => {
          const outputs = await compiled.run(inputs);
          for (const value of Object.values(outputs)) {
            const read = value.read.bind(value);
            value.read = async () => {
              await engine.drain();
              const started = performance.now();
              const data = await read();
              milliseconds += performance.now() - started;
              return data;
            };
          }
          return outputs;
        };
        return Object.create(compiled, { run: { value: run } }) as Compiled;
      },
    },
  });
  return {
    engine: timed,
    take() {
      const taken = milliseconds;
      milliseconds = 0;
      return taken;
    },
  };
}
