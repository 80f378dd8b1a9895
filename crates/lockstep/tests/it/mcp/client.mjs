// An assistant by the official SDK: it asks for what stands on its command line, and prints what it was told. The SDK
// itself holds each answer against the schema that the tool states for it.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

const [how, ...rest] = process.argv.slice(2);
const transport =
  how === 'stdio'
    ? new StdioClientTransport({ command: rest[0], args: ['mcp', '--quiet'], cwd: rest[1], env: process.env })
    : new StreamableHTTPClientTransport(new URL(rest[0]), {
        requestInit: rest[1] ? { headers: { authorization: `Bearer ${rest[1]}` } } : {},
      });

const client = new Client({ name: 'test', version: '1' });
const told = {};
try {
  await client.connect(transport);
} catch (error) {
  console.log(JSON.stringify({ refused: String(error.message) }));
  process.exit(0);
}

const call = async (name, args) => {
  try {
    const { structuredContent, content, isError } = await client.callTool({ name, arguments: args });
    return isError ? { problem: JSON.parse(content[0].text) } : structuredContent;
  } catch (error) {
    return { code: error.code, message: error.message };
  }
};

told.server = client.getServerVersion();
told.tools = (await client.listTools()).tools;
told.drift = await call('design.driftReport', { components: ['B*'] });
const wanted = { components: ['Badge'], direction: 'bidirectional' };
told.plan = await call('design.sync', wanted);
told.unseen = await call('design.sync', { ...wanted, plan: '0'.repeat(32) });
told.other = await call('design.sync', { components: ['Button'], plan: told.plan.data.plan_name });
told.sync = await call('design.sync', { ...wanted, plan: told.plan.data.plan_name });
told.again = await call('design.sync', { ...wanted, plan: told.plan.data.plan_name });
told.undo = await call('design.undo', { operation: told.sync.data?.id ?? 'none' });
told.undone = await call('design.undo', { operation: told.sync.data?.id ?? 'none' });
told.coverage = await call('design.coverageReport', { components: ['Badge', 'But*'], min: 10 });
told.run = await call('design.browserTestSession.status', { run: '00000000-0000-4000-8000-000000000000' });
told.both = await call('design.browserTestSession.status', {});
told.typo = await call('design.sync', { component: ['Badge'] });
told.unknown = await call('design.delete', {});
told.resources = (await client.listResources()).resources.map((resource) => resource.uri);
told.templates = (await client.listResourceTemplates()).resourceTemplates;
const read = async (uri) => {
  try {
    return JSON.parse((await client.readResource({ uri })).contents[0].text);
  } catch (error) {
    return { code: error.code };
  }
};
told.component = await read('lockstep://components/Badge');
told.report = await read('lockstep://reports/drift');
told.nothing = await read('lockstep://components/Nothing');
await client.close();
console.log(JSON.stringify(told));
