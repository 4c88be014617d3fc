import type { Command } from 'commander';
import { example } from './context.ts';
import { jobsFrom, sampleJobs } from './demo/jobs.ts';
import { runStory } from './demo/story.ts';

export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .description('the whole main job on a gateway of its own, step by step, over the real protocols')
    .option('--from <folder>', 'run it on the NC files of this folder instead of the sample')
    .option('--keep', 'leave the gateway running at the end, until Ctrl-C', false)
    .addHelpText('after', example('npm run demo -- --from ~/nc-files'))
    .action(async ({ from, keep }: { from?: string; keep: boolean }) => {
      const jobs = from === undefined ? sampleJobs() : jobsFrom(from);
      process.exitCode = await runStory(jobs, { keep });
    });
}
