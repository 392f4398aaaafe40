// What an operator can have done, each after a question.

import { post } from "./api.js";
import { confirm, say } from "./parts.js";

export async function act(path, body, done) {
  try {
    const told = await post(path, body);
    const refused = Object.entries(told.refused ?? {});
    if (refused.length) say(refused.map(([network, why]) => `${network}: ${why}`).join("; "), "bad");
    else say(done);
    return refused.length === 0;
  } catch (error) {
    say(error.hint ? `${error.message} (${error.hint})` : error.message, "bad");
    return false;
  }
}

export async function arm(service) {
  const yes = await confirm(`Challenge every SYN to ${service.name}?`,
    ["For ten minutes, whatever its queue holds. Clients connect as before; Fast Open falls back to plain TCP."], "Arm it");
  return yes && act("/api/services/arm", { service: String(service.port), for_s: 600 }, `${service.name} is armed for ten minutes.`);
}

export async function calm(service) {
  const yes = await confirm(`Calm ${service.name}?`,
    ["Takes back what an operator armed. If a flood goes on, the kernel arms it again at once."], "Calm it");
  return yes && act("/api/services/calm", { service: String(service.port) }, `${service.name} is calm until it must be armed again.`);
}

export async function lift(network) {
  const yes = await confirm(`Lift the ban of ${network}?`, ["Its packets pass again from this moment on."], "Lift it");
  return yes && act("/api/bans/lift", { networks: [network] }, `The ban of ${network} is lifted.`);
}

export async function disallow(network) {
  const yes = await confirm(`Let ${network} be banned again?`, ["Rules and operators may ban it from then on."], "Take it off the list");
  return yes && act("/api/allowed/remove", { networks: [network] }, `${network} can be banned again.`);
}
