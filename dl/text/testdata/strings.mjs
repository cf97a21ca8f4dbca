// Strings in many scripts for the comparison of tokenizers, the same for the same seed.

// A generator of numbers from 0 to 1 (mulberry32).
export function random(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

// Ranges of letters: Latin with accents, IPA, marks, Greek, Cyrillic, Armenian, Hebrew, Arabic, Devanagari, Bengali,
// Tamil, Thai, Tibetan, Georgian, jamo, Ethiopic, Cherokee, Khmer, Latin and Greek extended, punctuation, currency,
// letterlike, numbers, arrows, mathematics, boxes, symbols, CJK signs, hiragana, katakana, ideographs, hangul, private
// use, compatibility forms, Arabic forms, half width, Gothic, mathematical letters, pictures, flags, rare ideographs.
const ranges = [
  [0xa0, 0x17f], [0x180, 0x2af], [0x300, 0x36f], [0x370, 0x377], [0x384, 0x3ff], [0x400, 0x52f], [0x531, 0x556],
  [0x5d0, 0x5ea], [0x591, 0x5c7], [0x620, 0x6ff], [0x904, 0x97f], [0x985, 0x9b9], [0xb85, 0xbb9], [0xe01, 0xe3a],
  [0xe40, 0xe5b], [0xf00, 0xf47], [0x10a0, 0x10c5], [0x1100, 0x11ff], [0x1200, 0x1248], [0x13a0, 0x13f5],
  [0x1780, 0x17dd], [0x1e00, 0x1eff], [0x1f00, 0x1f15], [0x2000, 0x206f], [0x20a0, 0x20bf], [0x2100, 0x218b],
  [0x2190, 0x23ff], [0x2460, 0x24ff], [0x2500, 0x27bf], [0x3000, 0x303f], [0x3041, 0x3096], [0x3099, 0x30ff],
  [0x3200, 0x32ff], [0x3400, 0x3440], [0x4e00, 0x9fa5], [0xac00, 0xd7a3], [0xe000, 0xe010], [0xf900, 0xfa6d],
  [0xfb00, 0xfb06], [0xfb50, 0xfbb1], [0xfe00, 0xfe0f], [0xfe70, 0xfefc], [0xff01, 0xffee], [0xfffd, 0xfffd],
  [0x10330, 0x1034a], [0x1d400, 0x1d454], [0x1f300, 0x1f64f], [0x1f1e6, 0x1f1ff], [0x20000, 0x20040],
  [0x1f3fb, 0x1f3ff], [0x200b, 0x200f], [0x1, 0x1f], [0x7f, 0x9f],
];

const words = `the of and to in a is that it was for on are as with his they at be this from I have or by one had not but
what all were when we there can an your which their said if do will each about how up out them then she many some so these
would other into has more her two like him see time could no make than first been its who now people my made over did down
only way find use may water long little very after words called just where most know get through back much before also
around another came come work three word must because does part even place well such here take why help put different away
again off went old number great tell men say small every found still between name should home big give air line set own
under read last never us left end along while might next sound below saw something thought both few those always looked
show large often together asked house world going want school important until form food keep children feet land side
without boy once animal life enough took sometimes four head above kind began almost live page got earth need far hand
high year mother light parts country father let night following picture being study second eyes soon times story boys
since white days ever paper hard near sentence better best across during today however sure means knew try told young
Shakespeare Hamlet ROMEO Juliet's wherefore unaffable don't can't I'll we've they're it's O'Neill WASN'T naïve café
Straße GRÖSSE Ångström Ελλάδα Россия москва שלום مرحبا नमस्ते สวัสดี 東京都 日本語 한국어 你好世界 Việt Nam İstanbul ﬁne ½ x² 10³
🙂 👨‍👩‍👧‍👦 🇩🇪🇫🇷 👍🏽 e\u0301 a\u0323\u0302 1234567 3.14159 1,000,000 0x1F 2024-05-17 http://example.com/a?b=c&d=e user@mail.org
C++ #include<stdio.h> foo_bar fooBar() {"a":[1,2,null]} -- --- ... ?!?! «guillemets» “quotes” ‘single’ [MASK] <s> </s>
<|endoftext|> <unk> [CLS] [SEP]`.split(/[ \n]+/);

const signs = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
const spaces = [" ", " ", " ", " ", "  ", "\n", "\t", "\r\n", "\u00a0", "\u2003", "\u3000", "   ", "\n\n", " \n ", "\u0085", "\u200b", "▁", "▁▁"];

function letter(next) {
  const [low, high] = ranges[Math.floor(next() * ranges.length)];
  return String.fromCodePoint(low + Math.floor(next() * (high - low + 1)));
}

// The strings: running text, words, letters of one script or of all, signs, digits, spaces, and mixtures.
export function strings(count, seed) {
  const next = random(seed);
  const pick = (list) => list[Math.floor(next() * list.length)];
  const part = () => {
    const kind = next();
    if (kind < 0.45) return pick(words);
    if (kind < 0.55) return pick(words) + pick(signs);
    if (kind < 0.62) return pick(signs).repeat(1 + Math.floor(next() * 3));
    if (kind < 0.7) return String(Math.floor(10 ** (next() * 9)));
    if (kind < 0.76) return pick(words).toUpperCase();
    if (kind < 0.88) { // a word of one script
      const [low, high] = pick(ranges);
      let s = "";
      for (let n = 1 + Math.floor(next() * 6); n > 0; n--) s += String.fromCodePoint(low + Math.floor(next() * (high - low + 1)));
      return s;
    }
    let s = "";
    for (let n = 1 + Math.floor(next() * 5); n > 0; n--) s += next() < 0.3 ? pick(words)[0] ?? "a" : letter(next);
    return s;
  };
  const all = ["", " ", "\n", "a", "▁", "é", "e\u0301"];
  while (all.length < count) {
    let s = next() < 0.1 ? pick(spaces) : "";
    for (let n = 1 + Math.floor(next() * 12); n > 0; n--) s += part() + (next() < 0.85 ? pick(spaces) : "");
    if (s.isWellFormed()) all.push(s);
  }
  return all.slice(0, count);
}
