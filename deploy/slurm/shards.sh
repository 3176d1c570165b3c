#!/usr/bin/env bash
# A run in shards as a Slurm array, one task each:
#
#   job=$(sbatch --parsable --array=1-3 shards.sh standard runs/standard)
#   sbatch --dependency=afterok:$job --wrap "bench merge runs/standard/shard-* --out runs/standard/merged"
#
# The array must begin at 1 and have no gaps: its size is the number of shards. Ask for nodes that are alike (a
# partition or --constraint, with the same software): merge refuses shards of different places. A task that is requeued
# resumes. Extra flags for `bench run` follow the folder.
#SBATCH --job-name=bench
#SBATCH --cpus-per-task=8
#SBATCH --mem=16G
#SBATCH --time=24:00:00
#SBATCH --requeue
#SBATCH --signal=TERM@60
set -euo pipefail

suite=${1:?usage: sbatch --array=1-N shards.sh SUITE FOLDER [flags of bench run]}
folder=${2:?usage: sbatch --array=1-N shards.sh SUITE FOLDER [flags of bench run]}
shift 2

index=${SLURM_ARRAY_TASK_ID:?start this with sbatch --array=1-N}
count=${SLURM_ARRAY_TASK_COUNT:?start this with sbatch --array=1-N}
if [ "${SLURM_ARRAY_TASK_MIN:-1}" != 1 ] || [ "${SLURM_ARRAY_TASK_MAX:-$count}" != "$count" ]; then
  echo "the array must be 1-$count: a shard's number is its task's" >&2
  exit 2
fi

out=$folder/shard-$index
flags=(--shard "$index/$count" --out "$out" --threads "${SLURM_CPUS_PER_TASK:-1}")
if [ -e "$out/run.json" ]; then flags+=(--resume); fi
exec bench run --suite "$suite" "${flags[@]}" "$@"
