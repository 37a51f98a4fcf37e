#!/bin/sh
# Plants bugs in the editor and what it hears of the judge, one at a time, and expects tests/browser/learn_test.js to find each. Run from
# the top of the tree.
set -eu
. tests/browser/plant.sh

plant_in_page learn_test.js "write, run, fail, see why, mend it, pass: python|the diagram" editor editor/outcome.tsx 's/sandbox="allow-scripts"/sandbox=""/'
plant_in_page learn_test.js "what does not build says where|the file with the mistake" editor editor/outcome.tsx 's/goTo(spot)/void spot/'
plant_in_page learn_test.js "the connection is lost between two steps|seeds" editor sse.ts "s/lastId = event.id;/lastId = String(Number(event.id) - 1);/"
plant_in_page learn_test.js "the connection is lost in mid-run|connection is gone" editor api.ts 's/isFinal: error => .*/isFinal: () => true,/'
plant_in_page learn_test.js "what is written without a connection|the text is gone" editor editor/keeper.ts 's/this.isStored = this.world.write(this.draftKey, keptToText(kept));//'
plant_in_page learn_test.js "a reload in mid-run goes on watching|that it waits" editor editor/judging.ts 's/const one = going ?? looked;/const one = looked === going ? undefined : looked;/'
plant_in_page learn_test.js "two tabs show the same text|the text in the other tab" editor editor/use_keeper.ts "s/^  addEventListener('storage', storage);//"
plant_in_page learn_test.js "two browsers write the same file|earlier" editor editor/keeper.ts "s/    if (!sameFiles(files, choice.theirs.files)) this.setAside.*$//"
all_found
