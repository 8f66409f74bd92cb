import assert from "node:assert/strict";
import { openSocket } from "../support/socket.ts";
import { type Program, testWith } from "../support/programs.ts";
import { KEY, TestServer } from "../support/test_server.ts";

const TIMEOUT_MS = 20_000;

/** A port that was free a moment ago. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** What docs/deploy.md says of each proxy, without TLS. */
const PROXIES: Record<string, { config: (port: number, to: string) => string; args: string[] }> = {
  nginx: {
    args: ["-e", "stderr", "-p", "DIR", "-c", "FILE", "-g", "daemon off;"],
    config: (port, to) =>
      `pid DIR/pid; events {} http {
  access_log off;
  client_body_temp_path DIR/a; proxy_temp_path DIR/b; fastcgi_temp_path DIR/c;
  uwsgi_temp_path DIR/d; scgi_temp_path DIR/e;
  limit_conn_zone $binary_remote_addr zone=earshot:10m;
  map $http_upgrade $connection_upgrade { default upgrade; "" close; }
  server { listen 127.0.0.1:${port};
    client_header_timeout 10s; client_body_timeout 15s; keepalive_timeout 60s;
    limit_conn earshot 200;
    location / {
      proxy_pass http://${to};
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_buffering off;
    } } }`,
  },
  caddy: {
    args: ["run", "--adapter", "caddyfile", "--config", "FILE"],
    config: (port, to) =>
      `{\n\tadmin off\n\tservers {\n\t\ttimeouts {\n\t\t\tread_header 10s\n\t\t\tidle 60s\n\t\t}\n\t}\n}\nhttp://127.0.0.1:${port} {\n\treverse_proxy ${to}\n}\n`,
  },
  haproxy: {
    args: ["-db", "-f", "FILE"],
    config: (port, to) =>
      `defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  timeout tunnel 6h
  timeout http-request 10s
  timeout http-keep-alive 60s
frontend all
  bind 127.0.0.1:${port}
  default_backend earshot
backend earshot
  server one ${to}
`,
  },
};

for (const [name, { config, args }] of Object.entries(PROXIES)) {
  testWith(
    [name as Program],
    `${name} lets pages, events and listeners through, under the name they used`,
    async () => {
      await using server = await TestServer.start();
      await server.agent({ callId: "CA1", media: { live: true } });
      const folder = await Deno.makeTempDir();
      const port = freePort();
      const origin = `http://127.0.0.1:${port}`;
      const text = config(port, new URL(server.origin).host).replaceAll("DIR", folder);
      await Deno.writeTextFile(`${folder}/conf`, text);
      const proxy = new Deno.Command(name, {
        args: args.map((arg) => arg.replace("DIR", folder).replace("FILE", `${folder}/conf`)),
        env: { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
        stdout: "null",
        stderr: "null",
      }).spawn();
      try {
        const untilMs = performance.now() + TIMEOUT_MS;
        const isUp = () =>
          fetch(`${origin}/healthz`).then(
            (answer) => answer.text().then(() => answer.ok),
            () => false,
          );
        while (!await isUp()) {
          assert.ok(performance.now() < untilMs, `${name} did not start`);
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
        const headers = { "x-api-key": KEY };
        const call = await (await fetch(`${origin}/calls/CA1`, { headers })).json();
        assert.equal(call.playerUrl, `${origin}/live/CA1/player`);
        const abort = AbortSignal.timeout(TIMEOUT_MS);
        const events = await fetch(`${origin}/events`, { headers, signal: abort });
        const reader = events.body!.getReader();
        assert.match(new TextDecoder().decode((await reader.read()).value), /hello/);
        await reader.cancel();
        const first = Promise.withResolvers<string | ArrayBuffer>();
        const url = `${origin.replace("http", "ws")}/live/CA1/ws?token=${KEY}`;
        const { socket, opened, closed } = openSocket(url, {}, first.resolve);
        await opened;
        assert.match(String(await first.promise), /metadata/);
        socket.close();
        await closed;
      } finally {
        proxy.kill("SIGTERM");
        await proxy.status;
        await Deno.remove(folder, { recursive: true });
      }
    },
  );
}
