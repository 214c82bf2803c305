#!/usr/bin/env bash
# Sets up a model folder: a model that keeps the size rule where one can, README.md, .config.json and ollama_models/.
# What is in order stays as it is: a second run changes nothing.
set -euo pipefail

usage() {
  cat <<END
Usage: scripts/setup_switch_models.sh [DIR] [7b|3b] [MODEL]
  DIR     model folder; by default data/models of Switch
  7b, 3b  the size to install where the folder has no model of it; by default 7b where it has none at all
  MODEL   a model of the catalogue, whatever its size; the variable MODEL does the same
END
}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
folder=${1:-$root/data/models}
size=${2:-}
model=${3:-${MODEL:-}}

case "$folder" in -h | --help) usage; exit 0 ;; -*) usage >&2; exit 2 ;; esac
case "$size" in '' | 7b | 3b) ;; *) echo "The size is 7b or 3b, not $size." >&2; usage >&2; exit 2 ;; esac
command -v node >/dev/null || { echo 'Node.js is needed: install Node 20 or newer, then run this again.' >&2; exit 1; }
mkdir -p "$folder" || { echo "The folder $folder cannot be made. Choose another, or make it writable." >&2; exit 1; }
folder=$(cd "$folder" && pwd)

models() {
  local verb=$1
  shift
  node "$root/bin/switch.js" models "$verb" "$@" --dir "$folder"
}

# Of the JSON of `models list`, the usable models, one a line: size class and name.
usable() {
  node -e '
    const { models } = JSON.parse(require("node:fs").readFileSync(0, "utf8"))
    for (const { problem, size_class, name } of models) if (!problem) console.log(size_class, name)
  '
}

say_why_7b() {
  cat <<END
In 4 bits the 7B model, hermes-7b-q4, has 4.11 GB: more than the rule of 3 GB, and with its context it needs about
4.6 GB of memory, more than HERMES_MAX_MEMORY_MB=4096 allows. So it is hermes-7b-q2, the same model in 2 bits: 2.72 GB,
at a cost in quality. To insist on the other: $0 "$folder" 7b hermes-7b-q4
END
}

say_why_3b() {
  cat <<END
No 3B model meets the rule of 1 GB: hermes-3b-q4 has 2.02 GB. The nearest that does is mini-1b-q4 (0.81 GB).
To take that one: $0 "$folder" 3b mini-1b-q4
END
}

echo "Model folder: $folder"
listing=$(models list --json)
usable=$(usable <<<"$listing")
all=$(cut -d ' ' -f 2- <<<"$usable")
of_size=$(grep -E "^${size:-.*} " <<<"$usable" | cut -d ' ' -f 2- || true)
wanted=$model
if [ -z "$wanted" ]; then case "$size" in 3b) wanted=hermes-3b-q4 ;; *) wanted=hermes-7b-q2 ;; esac; fi

status=0
chosen=''
if grep -qxF -- "$wanted" <<<"$all"; then
  echo "$wanted is there already."
  if [ -n "$model" ]; then chosen=$wanted; fi
elif [ -z "$model" ] && [ -n "$of_size" ]; then
  echo "There already: $(paste -sd ' ' <<<"$of_size"). Nothing is downloaded."
else
  if [ -z "$model" ]; then case "$wanted" in hermes-7b-q2) say_why_7b ;; *) say_why_3b ;; esac; fi
  if models pull "$wanted"; then
    if [ -n "$model" ] || [ -z "$all" ]; then chosen=$wanted; fi
  else
    status=1
    cat >&2 <<END

$wanted could not be had. Run this again when the network is there: it goes on from what has come.
Or put a GGUF file into $folder by hand.
Until then Switch answers from the remote model where OPENAI_API_KEY is set, else from the demo model switch-tiny.
END
  fi
fi

models prepare || status=1
if [ -n "$chosen" ] && [ "${HERMES_FRAMEWORK:-llama-cpp}" != ollama ]; then models use "$chosen" || status=1; fi

echo
models list
cat <<END

Next steps:
1. Start:  docker compose up -d        (or without Docker, on port 8000: npm start)
2. Ask:    curl -s http://localhost:8002/switch/infer -H "X-VX11-Token: \$SWITCH_TOKEN" -H 'Content-Type: application/json' -d '{"prompt": "What is the capital of France?"}'
3. Health: curl -s http://localhost:8002/switch/health
END
exit "$status"
