-- What wrk does for bench/web.sh: each connection is a reader, who opens a page, reads, and opens the next one.
-- PAUSE_MS: how long one reads, on average; 0: not at all. PAGES: a file with an address a line. PEOPLE: who is signed in (web_people.js).
-- EDDY_HOST: the server's name. FIGURES: where the result goes.
local pause = tonumber(os.getenv("PAUSE_MS"))
local pages = {}
local people = {}
local threads = 0

for line in io.lines(os.getenv("PAGES")) do
  pages[#pages + 1] = line
end

for line in io.lines(os.getenv("PEOPLE")) do
  people[#people + 1] = { ["Accept-Encoding"] = "gzip", ["Host"] = os.getenv("EDDY_HOST"), ["Cookie"] = line:match("^%S+") }
end

function setup(thread)
  threads = threads + 1
  thread:set("seed", threads)
end

function init()
  math.randomseed(seed)
end

if pause > 0 then
  function delay()
    return math.random(0, 2 * pause)
  end
end

function request()
  return wrk.format("GET", pages[math.random(#pages)], people[math.random(#people)])
end

function done(summary, latency)
  local e = summary.errors
  local out = io.open(os.getenv("FIGURES"), "w")
  out:write(string.format("%d %.1f %.1f %.1f %.1f %.1f %d\n", summary.requests, summary.requests / (summary.duration / 1e6),
    latency:percentile(50) / 1e3, latency:percentile(95) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3,
    e.connect + e.read + e.write + e.status + e.timeout))
  out:close()
end
