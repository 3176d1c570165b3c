/** The command with fake-rooms.ts in place of its stages and its engine. */
import { runProcess } from "../../src/harness/cli/main.ts";
import { fakeRooms } from "./fake-rooms.ts";

await runProcess(fakeRooms(process.env));
