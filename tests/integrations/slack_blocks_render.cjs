// Draws lists of Slack's blocks with slack-blocks-to-jsx: JSON in, JSON out. Argument: the folder of node_modules.
const { createRequire } = require("node:module");
const { text } = require("node:stream/consumers");
const from = createRequire(`${process.argv[2]}/`);
const { createElement } = from("react");
const { renderToStaticMarkup } = from("react-dom/server");
const { Message } = from("slack-blocks-to-jsx");

function draw(blocks, theme) {
  const hooks = { date: ({ fallback }) => fallback }; // ours shows the fallback too: the reader's zone is not known
  const given = { blocks, theme, hooks, name: "Bongsu", logo: "data:,", withoutWrapper: true };
  return renderToStaticMarkup(createElement(Message, given));
}

text(process.stdin).then((given) => {
  const { theme, lists } = JSON.parse(given);
  process.stdout.write(JSON.stringify(lists.map((blocks) => draw(blocks, theme))));
});
