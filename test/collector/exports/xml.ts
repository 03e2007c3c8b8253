/**
 * A strict reader of the XML that office files hold (no document types, no processing instructions but the first).
 * Throws on whatever XML 1.0 calls not well-formed: open or crossed tags, bare < and &, characters it does not allow.
 */
export interface Element {
  name: string;
  attributes: Record<string, string>;
  children: (Element | string)[];
}

const ENTITIES: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
const decode = (text: string) => {
  if (/[<]|&(?!(?:lt|gt|amp|quot|apos|#\d+|#x[\da-f]+);)/i.test(text)) throw new Error(`bare < or & in ${text}`);
  return text.replaceAll(/&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi, (_, hex: string, decimal: string, name: string) =>
    name ? ENTITIES[name]! : allowed(String.fromCodePoint(hex ? Number.parseInt(hex, 16) : Number(decimal))),
  );
};
function allowed(text: string): string {
  const bad = /(?![\t\n\r])[\p{Cc}\p{Cs}\ufffe\uffff]/u.exec(text.replaceAll(/[\u007f-\u009f]/g, ''));
  if (bad) throw new Error(`character U+${bad[0].codePointAt(0)!.toString(16)} is not allowed in XML`);
  return text;
}

export function parseXml(source: string): Element {
  allowed(source);
  const text = source.replace(/^\uFEFF?<\?xml [^?]*\?>\s*/, '');
  const root: Element = { name: '', attributes: {}, children: [] };
  const open = [root];
  const token = /<(\/?)([\w:.-]+)((?:\s+[\w:.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|([^<]+)|(<)/g;
  for (const [, closing, name, attributes, empty, characters, stray] of text.matchAll(token)) {
    const parent = open.at(-1)!;
    if (stray) throw new Error('a < that opens nothing');
    if (characters !== undefined) {
      if (parent === root && characters.trim() !== '') throw new Error('text outside of the root');
      parent.children.push(decode(characters));
    } else if (closing) {
      if (open.pop()!.name !== name) throw new Error(`</${name}> closes what is not open`);
    } else {
      const element: Element = { name: name!, attributes: {}, children: [] };
      for (const [, key, quoted] of attributes!.matchAll(/([\w:.-]+)\s*=\s*("[^"]*"|'[^']*')/g)) {
        if (key! in element.attributes) throw new Error(`attribute ${key} stands twice`);
        element.attributes[key!] = decode(quoted!.slice(1, -1));
      }
      parent.children.push(element);
      if (!empty) open.push(element);
    }
  }
  const elements = root.children.filter((child) => typeof child !== 'string');
  if (open.length !== 1 || elements.length !== 1) throw new Error('not exactly one closed root');
  return elements[0]!;
}

/** Every element of this name below, in order. */
export const all = (element: Element, name: string): Element[] =>
  element.children.flatMap((child) =>
    typeof child === 'string' ? [] : [...(child.name === name ? [child] : []), ...all(child, name)],
  );
export const textOf = (element: Element): string =>
  element.children.map((child) => (typeof child === 'string' ? child : textOf(child))).join('');
