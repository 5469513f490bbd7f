// npm install jose
import { createHash } from "node:crypto";
import { createRemoteJWKSet, jwtVerify } from "jose";

const ISSUER = "https://auth.example.com", AUDIENCE = "https://reports.example.com";
const POLL = 5, MAX_STALE = 60, LEEWAY = 30;
const get = async (url) => {
  const response = await fetch(url, { redirect: "error", signal: AbortSignal.timeout(3000) });
  if (!response.ok) throw new Error(`status ${response.status}`);
  return response.json();
};
const metadata = await get(`${ISSUER}/.well-known/oauth-authorization-server`);
const list = metadata.revocation_list_uri, keys = createRemoteJWKSet(new URL(metadata.jwks_uri));
const marks = new Set(), cutoffs = new Map(); // hex of 8 octets each; times by handle
let head = { time: 0, published: true }, tried = 0, newer = 0, polling; // newer: when the head came, by this clock

const SIZES = { marks: 8, cutoffs: 12 };
const octetsOf = (text) => {
  const octets = Buffer.from(text, "base64url"); // which skips what is none
  if (octets.toString("base64url") !== text) throw new Error("not base64url");
  return octets;
};
const digest = (data, octets) => createHash("sha256").update(data).digest().subarray(0, octets);
function take(octets, size) {
  if (octets.length % size !== 0) throw new Error("truncated, or of no kind");
  for (let at = 0; at < octets.length; at += size) {
    const subject = octets.toString("hex", at, at + 8);
    if (size === 8) marks.add(subject);
    else cutoffs.set(subject, Math.max(cutoffs.get(subject) ?? 0, octets.readUInt32LE(at + 8)));
  }
}
async function poll(now) {
  const found = await get(list);
  const oldest = Math.max(head.time, now - MAX_STALE - LEEWAY);
  if (found.issuer !== ISSUER || !(found.time >= oldest && found.time <= now + LEEWAY))
    throw new Error("the head of another issuer or time");
  if (![true, false].includes(found.published)) throw new Error("of another form");
  if (found.published) {
    const { since, segments } = found;
    if (typeof since !== "number" || !Array.isArray(segments)) throw new Error("of another form");
    for (const { name, kind } of since > head.time ? segments : []) {
      const octets = octetsOf((await get(`${list}/${name}`)).contents);
      if (digest(octets, 16).toString("base64url") !== name) throw new Error("a segment of other contents");
      take(octets, SIZES[kind]);
    }
    for (const name in SIZES) take(octetsOf(found[name]), SIZES[name]);
  }
  if (found.time > head.time) newer = now;
  head = found;
}

// Returns the claims of a token that is valid now; throws for any other.
export async function verified(token) {
  const now = Date.now() / 1000;
  if (list && head.published && now - tried >= POLL) {
    tried = now;
    polling = poll(now).catch(() => {}); // what is known goes on for MAX_STALE
  }
  await polling; // others that came meanwhile wait for it too
  if (list && head.published && now - newer > MAX_STALE) throw new Error("the list of revocations can't be read");
  const { payload, protectedHeader } = await jwtVerify(token, keys, {
    issuer: ISSUER, audience: AUDIENCE, typ: "at+jwt", algorithms: ["RS256", "ES256"], clockTolerance: LEEWAY });
  const subjects = [`jti#${payload.jti}`, `grant#${payload.grant_id}`, `key#${protectedHeader.kid}`];
  const ended = (payload.handles ?? []).some(
    (handle) => payload.iat <= (cutoffs.get(octetsOf(handle).toString("hex")) ?? -1));
  if (ended || subjects.some((subject) => marks.has(digest(subject, 8).toString("hex")))) throw new Error("revoked");
  return payload;
}
