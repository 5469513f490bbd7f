// A client with npm `@modelcontextprotocol/sdk` (1.x) or `@modelcontextprotocol/client` (2.x): two libraries, one way to
// use them. The provider is the example of their documentation: everything in memory, a callback server of its own.
import { createServer } from "node:http"
import { createInterface } from "node:readline"

const configured = JSON.parse(process.argv[2])
const load = (path) => import(`${configured.modules}/@modelcontextprotocol/${path}`)
const library = configured.package === "client"
  ? await load("client/dist/index.mjs")
  : { ...await load("sdk/dist/esm/client/index.js"), ...await load("sdk/dist/esm/client/streamableHttp.js"),
      ...await load("sdk/dist/esm/client/auth.js") }
const { Client, StreamableHTTPClientTransport, UnauthorizedError } = library

const callbacks = [], waiting = []
const listener = createServer((request, response) => {
  response.setHeader("Connection", "close").end("done")
  const found = new URL(request.url, "http://127.0.0.1").searchParams
  waiting.length ? waiting.shift()(found) : callbacks.push(found)
})
await new Promise((ready) => listener.listen(0, "127.0.0.1", ready))
const redirectUrl = `http://127.0.0.1:${listener.address().port}/callback`
const callback = () => callbacks.length ? callbacks.shift() : new Promise((found) => waiting.push(found))

let kept = configured.client_id ? { client_id: configured.client_id } : undefined
let tokens, verifier, sent, discovered
const provider = {
  redirectUrl,
  clientMetadataUrl: configured.document,
  clientMetadata: { redirect_uris: [redirectUrl], token_endpoint_auth_method: "none", client_name: configured.package,
    grant_types: ["authorization_code", "refresh_token"], response_types: ["code"] },
  state: () => sent = crypto.randomUUID(),
  clientInformation: () => kept,
  saveClientInformation: (given) => { kept = given },
  tokens: () => tokens,
  saveTokens: (given) => { tokens = given },
  codeVerifier: () => verifier,
  saveCodeVerifier: (given) => { verifier = given },
  discoveryState: () => discovered,
  saveDiscoveryState: (given) => { discovered = given },
  redirectToAuthorization: (url) => console.log(`OPEN ${url}`),
  invalidateCredentials: (what) => { if (what === "all" || what === "tokens") tokens = undefined },
}

async function call(tool, more) {
  const transport = new StreamableHTTPClientTransport(new URL(configured.url), { authProvider: provider })
  const client = new Client({ name: configured.package, version: "1" })
  try {
    await client.connect(transport)
    const { content } = await client.callTool({ name: tool, arguments: more })
    return content.map(({ text }) => text)
  } catch (error) {
    const asked = [error, error.cause, error.data?.cause].find((each) => each instanceof UnauthorizedError)
    if (!asked) throw error
    const found = await callback()
    if (found.get("state") !== sent) throw new Error("state of another request")
    await (configured.package === "client" ? transport.finishAuth(found) : transport.finishAuth(found.get("code")))
    return undefined
  } finally {
    await client.close()
  }
}

const act = {
  tokens: () => tokens,
  call: async ({ tool, arguments: more }) => await call(tool, more ?? {}) ?? await call(tool, more ?? {}),
}
for await (const line of createInterface({ input: process.stdin })) {
  const step = JSON.parse(line)
  const said = await Promise.resolve().then(() => act[step.do](step)).then(
    (result) => ({ result: result ?? null }), (error) => ({ error: `${error.name}: ${error.message}` }))
  console.log(JSON.stringify(said))
}
listener.close()
