// Looks for what is not a learner's: passwords, graders, references. Status 7: found.
const fs = require("node:fs");

const home = "@HOME@";
const places = ["/etc/shadow", "/etc/gshadow", home + "/course/01-messenger/03-echo.lua", home + "/course/01-messenger/ref/main.c", "/proc/1/environ"];
const found = places.filter((place) => {
  try {
    fs.readFileSync(place);
    return true;
  } catch {
    return false;
  }
});
found.push(...Object.keys(process.env).filter((name) => name.includes("SECRET")));
console.error(found);
process.exit(found.length > 0 ? 7 : 5);
