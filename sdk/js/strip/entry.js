// Takes the types out of a TypeScript source. The lines stay where they are.
import { transform } from "sucrase";
import { parse } from "sucrase/dist/esm/parser/index.js";
import { ContextualKeyword } from "sucrase/dist/esm/parser/tokenizer/keywords.js";
import { TokenType } from "sucrase/dist/esm/parser/tokenizer/types.js";

export function strip(source, file) {
  try {
    refuseNamespaces(parse(source, false, true, false).tokens, source);
    return transform(source, { transforms: ["typescript"], disableESTransforms: true }).code;
  } catch (error) {
    // Its line and column, which counts from 1, where the message ends with them.
    const [, message, line, column] = /^([^]*?)(?: \((\d+):(\d+)\))?$/.exec(error.message);
    const place = line ? `${file}:${line}:${column}` : file;
    throw new Error(`${place}: ${error.name}: ${message}`);
  }
}

// Left alone, a namespace with values in it would vanish, and whoever uses it find nothing.
function refuseNamespaces(tokens, source) {
  let declared = 0;
  for (let at = 0; at < tokens.length; at++) {
    const keyword = tokens[at].contextualKeyword;
    const next = tokens[at + 1];
    if (keyword === ContextualKeyword._declare) {
      declared = at + 1;
    }
    const opens = keyword === ContextualKeyword._namespace || keyword === ContextualKeyword._module;
    if (!opens || !tokens[at].isType || !next || (next.type !== TokenType.name && next.type !== TokenType.string)) {
      continue;
    }
    if (declared === at && at > 0) {
      at = endOfBlock(tokens, at);
      continue;
    }
    const before = source.slice(0, tokens[at].start).split("\n");
    const why = "a namespace cannot be stripped; write an object, or `declare namespace` where it holds types alone";
    throw new SyntaxError(`${why} (${before.length}:${before.at(-1).length + 1})`);
  }
}

function endOfBlock(tokens, from) {
  let depth = 0;
  for (let at = from; at < tokens.length; at++) {
    if (tokens[at].type === TokenType.braceL) {
      depth++;
    } else if (tokens[at].type === TokenType.braceR && --depth === 0) {
      return at;
    }
  }
  return tokens.length;
}
