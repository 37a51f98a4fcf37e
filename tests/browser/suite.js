// Tests in order, each a line "ok GROUP: NAME" or "FAIL GROUP: NAME: why". after() may throw, too: what must hold after each test.
'use strict';

function check(holds, why) { if (!holds) throw new Error(why); }
function equal(a, b, what) { check(Object.is(a, b), `${what} is ${JSON.stringify(a)}, expected ${JSON.stringify(b)}`); }

class Suite {
  constructor(group, after = () => {}) { Object.assign(this, { group, after, bad: 0, only: process.env.ONLY }); }

  // ONLY=WORDS in the environment leaves out what has other names: for working on one test.
  async test(name, run) {
    if (this.only && !name.includes(this.only)) return;
    try {
      await run();
      await this.after();
      console.log(`ok ${this.group}: ${name}`);
    } catch (error) {
      this.bad++;
      console.log(`FAIL ${this.group}: ${name}: ${error.message.replace(/\s*\n\s*/g, ' | ').slice(0, 1200)}`);
    }
  }
  end() { if (this.bad) process.exitCode = 1; }
}

module.exports = { Suite, check, equal };
