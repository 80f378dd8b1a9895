// Verifies what is on standard input: { key, headers, body }. Prints what it tells, or why it is refused.
import { readFileSync } from "node:fs";
import { Webhook } from "standardwebhooks";

const { key, headers, body } = JSON.parse(readFileSync(0, "utf8"));
try {
  console.log(JSON.stringify({ told: new Webhook(key).verify(body, headers) }));
} catch (error) {
  console.log(JSON.stringify({ refused: error.message }));
}
