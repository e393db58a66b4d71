"use strict";

// Each text as [Chinese, English].
const materials = {
  "pet-bottle": ["塑料瓶", "PET bottles"],
  "pet": ["塑料瓶", "PET"],
  "pe-film": ["塑料薄膜", "Plastic film"],
  "hdpe": ["硬塑料 HDPE", "HDPE"],
  "hdpe-bottle": ["洗护用品瓶", "HDPE bottles"],
  "ldpe": ["软塑料 LDPE", "LDPE"],
  "pp": ["聚丙烯 PP", "PP"],
  "ps": ["聚苯乙烯 PS", "PS"],
  "eps": ["泡沫塑料", "Foam"],
  "mixed-plastic": ["混合塑料", "Mixed plastic"],
  "paper": ["废纸", "Paper"],
  "cardboard": ["纸板箱", "Cardboard"],
  "beverage-carton": ["饮料纸盒", "Beverage cartons"],
  "aluminium-can": ["易拉罐", "Aluminium cans"],
  "metal": ["金属", "Metal"],
  "glass": ["玻璃", "Glass"],
  "textile": ["旧衣物", "Textiles"],
};

// What a resident should know about a drop, the weightiest first.
const remarks = [
  ["after-removal", ["取出的物品再次投入，不重复计分", "Items taken out earlier earn only once"]],
  ["over-limit", ["已达今日上限，本次不计积分", "Daily limit reached, no points for this one"]],
  ["below-minimum", ["重量太轻，本次不计积分", "Too light to earn points"]],
  ["no-price", ["此类物品暂无价格，本次不计积分", "No price yet for this material, no points"]],
  ["overload", ["箱内已满或超重", "The compartment is over its capacity"]],
  ["card-unknown", ["此卡尚未登记，积分已记在卡上", "Card not registered yet: points are kept on it"]],
];

const refusals = {
  "blocked": ["此卡已停用，请联系社区工作人员", "This card is blocked, please ask your community office"],
  "unknown-card": ["此卡尚未登记，请联系社区工作人员", "This card is not registered, please ask your community office"],
  "role": ["此卡不能用于投放", "This card can not be used here"],
  "busy": ["请稍候，再刷一次卡", "One moment, please tap again"],
  "out-of-service": ["暂时无法称重，请勿投放", "Nothing can be weighed now, please do not drop anything"],
};

const faults = {
  "starting": ["正在启动，请稍候", "Starting, one moment please"],
  "scales": ["秤需要检修，请勿投放", "The scales need service, please do not drop anything"],
  "storage": ["记录暂时无法保存，请勿投放", "Records can not be saved now, please do not drop anything"],
};
// What is dropped into a full compartment is weighed and paid all the same.
const fullTexts = ["已满", "Full"];
const allFullTexts = ["箱体已满，请稍后再来投放", "The bin is full, please come back later"];
const serviceTexts = ["设备待检修，可照常使用", "Needs service, works as usual"];
const otherFault = ["设备检修中，请勿投放", "Being serviced, please do not drop anything"];

const languages = document.documentElement.dataset.languages.split(" ");
if (languages[0] === "en") document.documentElement.lang = "en";

function all(selector) { return document.querySelectorAll(selector); }

function nameOf(material) {
  return Object.hasOwn(materials, material) ? materials[material] : [material, material];
}

function textOf(table, key, other) { return Object.hasOwn(table, key) ? table[key] : other; }

function element(tag, text) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  return made;
}

function fillPair(target, texts) {
  target.replaceChildren();
  if (!texts) return;
  ["zh-CN", "en"].forEach((language, index) => {
    const part = element("span", texts[index]);
    part.lang = language;
    // A code name that has no translation is said once.
    if (index === 0 || texts[1] !== texts[0] || languages.length === 1) target.append(part);
  });
}

// The figures below are whole numbers cut off, never rounded up, and never divided into fractions.
function digits(value, width) { return String(value).padStart(width, "0"); }

function quantity(value, unit) { return { value, unit }; }

function mass(grams) {
  const sign = grams < 0 ? "−" : "";
  const size = Math.abs(grams);
  if (size < 1000) return quantity(sign + size, "g");
  const rest = size % 1000;
  return quantity(`${sign}${(size - rest) / 1000}.${digits(rest, 3)}`, "kg");
}

function co2e(milligrams) {
  const sign = milligrams < 0 ? "−" : "";
  const size = Math.abs(milligrams);
  if (size < 1000000) {
    const tenths = (size - size % 100) / 100;
    const text = `${(tenths - tenths % 10) / 10}.${tenths % 10}`;
    return quantity(text === "0.0" ? text : sign + text, "g");
  }
  return quantity(`${sign}${mass((size - size % 1000) / 1000).value}`, "kg");
}

function points(text) { return quantity(text.replace("-", "−"), ""); }

function pointsWord() { return languages[0] === "en" ? "points" : "分"; }

function gained(text) {
  const worth = points(text);
  return Number(text) > 0 ? quantity("+" + worth.value, "") : worth;
}

function fillQuantity(target, shown) {
  target.replaceChildren(shown.value);
  target.dataset.length = shown.value.length > 6 ? "long" : "short";
  if (!shown.unit) return;
  const unit = element("span", shown.unit);
  unit.className = "unit";
  target.append(" ", unit);
}

function fillFigures(kind, sums, pointsOf) {
  if (!sums) return;
  all(`[data-mass="${kind}"]`).forEach((spot) => fillQuantity(spot, mass(sums.mass)));
  all(`[data-points="${kind}"]`).forEach((spot) => {
    const worth = pointsOf(sums.points);
    const inLine = spot.tagName === "B";
    fillQuantity(spot, inLine ? quantity(worth.value, pointsWord()) : worth);
  });
  all(`[data-co2e="${kind}"]`).forEach((spot) => fillQuantity(spot, co2e(sums.co2e)));
}

function fillCompartments(compartments) {
  const list = document.getElementById("compartments");
  list.dataset.many = String(compartments.length > 3);
  list.replaceChildren(...compartments.map((compartment) => {
    const item = element("li");
    item.dataset.stable = String(compartment.stable);
    item.dataset.full = String(compartment.full === true);
    const name = element("span");
    name.className = "pair";
    fillPair(name, nameOf(compartment.material));
    const weight = element("b");
    fillQuantity(weight, compartment.mass === null ? quantity("–", "") : mass(compartment.mass));
    item.append(name);
    if (compartment.full === true) {
      const full = element("span");
      full.className = "pair full";
      fillPair(full, fullTexts);
      item.append(full);
    }
    item.append(weight);
    return item;
  }));
}

function pair(name, texts) { all(`[data-pair="${name}"]`).forEach((spot) => fillPair(spot, texts)); }

function field(name, text) { all(`[data-field="${name}"]`).forEach((spot) => { spot.textContent = text; }); }

function countTexts(order) {
  if (order.deposits === 0) return ["本次没有投放", "Nothing was dropped this time"];
  return [`共投放 ${order.deposits} 次`, order.deposits === 1 ? "1 drop" : `${order.deposits} drops`];
}

function fillDeposit(deposit) {
  const [zh, en] = nameOf(deposit.material);
  const taken = deposit.mass < 0;
  field("drop-zh", `${taken ? "已取出" : "已记录"}：${zh}`);
  field("drop-en", `${taken ? "Taken out" : "Recorded"}: ${en}`);
  fillFigures("deposit", deposit, gained);
  const remark = remarks.find(([flag]) => deposit.flags.includes(flag));
  pair("remark", remark && remark[1]);
}

// Screen readers hear each state once, not every gram.
let spoken = "";
function speak(display) {
  const place = document.querySelector(`[data-for="${document.body.dataset.state}"]`);
  const sums = display && (display.deposit || (display.state === "thanks" && display.order));
  const parts = [...place.querySelectorAll("h1 > span, .lead > span, .remark > span")]
    .filter((part) => getComputedStyle(part).display !== "none").map((part) => part.textContent);
  if (sums) {
    const [weight, carbon] = [mass(sums.mass), co2e(sums.co2e)];
    parts.push(`${weight.value} ${weight.unit}`, `${sums.points} ${pointsWord()}`, `CO₂e ${carbon.value} ${carbon.unit}`);
  }
  const text = parts.join(", ");
  if (text === spoken) return;
  spoken = text;
  document.getElementById("spoken").textContent = text;
}

function show(display) {
  document.body.dataset.state = display.state;
  document.getElementById("card").hidden = display.card === null;
  field("card", display.card === null ? "" : display.card.replace("…", ""));
  fillCompartments(display.compartments);
  fillFigures("order", display.order, points);
  if (display.deposit) fillDeposit(display.deposit);
  if (display.state === "thanks") pair("count", countTexts(display.order));
  pair("refused", display.refused && textOf(refusals, display.refused, ["", ""]));
  pair("fault", display.fault && textOf(faults, display.fault, otherFault));
  const isFull = display.compartments.length > 0 && display.compartments.every((one) => one.full === true);
  pair("space", isFull && allFullTexts);
  pair("service", display.service && serviceTexts);
  pair("notice", !isFull && display.notice && [display.notice.zh, display.notice.en]);
  speak(display);
}

function showLost() {
  document.body.dataset.state = "lost";
  document.getElementById("card").hidden = true;
  speak(null);
}

// A browser connects again by itself after a broken connection, but not after a refusal.
const retryMs = 5000;
function connect() {
  const events = new EventSource("v1/display/events");
  events.addEventListener("display", (event) => show(JSON.parse(event.data)));
  events.addEventListener("error", () => {
    showLost();
    if (events.readyState === EventSource.CLOSED) setTimeout(connect, retryMs);
  });
}
connect();
