import { createInterface } from 'node:readline/promises';
import type { Readable } from 'node:stream';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { interrupted, usage } from './failure.ts';
import type { TerminalStream } from './output.ts';

/** A stream to read from that may be a terminal. */
export interface TerminalInput extends Readable {
  readonly isTTY?: boolean;
  setRawMode?(isRaw: boolean): unknown;
}

/** Asks the person at the terminal. Every question throws a Failure on Ctrl-C or Ctrl-D. */
export interface Prompt {
  /** Whether somebody is there to be asked. */
  readonly isPossible: boolean;
  /** A line of text; an empty answer is `preset`. */
  line(question: string, preset?: string): Promise<string>;
  /** A line that is not shown while it is typed; afterwards a mask of one length stands for it. */
  secret(question: string): Promise<string>;
  /** Yes or no; an empty answer is `preset`. */
  confirm(question: string, preset: boolean): Promise<boolean>;
  /** All of standard input, without the line end at its end. */
  everything(): Promise<string>;
}

const MASK = '*'.repeat(16);

/** Prompts on a terminal's input, writing questions to stderr so that stdout stays the result. */
export function createPrompt(input: TerminalInput, output: TerminalStream): Prompt {
  const isPossible = input.isTTY === true;
  const ask = async (question: string, echo: TerminalStream): Promise<string> => {
    if (!isPossible)
      throw usage(`Nobody is there to answer "${question.trim()}".`, 'Give it as a flag; --help lists them.');
    const lines = createInterface({ input, output: echo, terminal: true, historySize: 0 });
    try {
      return await new Promise((resolve, reject) => {
        lines.once('SIGINT', () => reject(interrupted()));
        lines.once('close', () => reject(interrupted()));
        lines.question(question).then(resolve, reject);
      });
    } finally {
      lines.close();
    }
  };

  return {
    isPossible,
    async line(question, preset = '') {
      const shown = preset === '' ? question : `${question}[${preset}] `;
      return (await ask(shown, output)).trim() || preset;
    },
    async secret(question) {
      const answer = await ask(question, maskedEcho(question, output));
      output.write(`${MASK}\n`);
      return answer.trim();
    },
    async confirm(question, preset) {
      const answer = (await ask(`${question} [${preset ? 'Y/n' : 'y/N'}] `, output)).trim().toLowerCase();
      return answer === '' ? preset : answer === 'y' || answer === 'yes';
    },
    async everything() {
      return (await text(input)).replace(/\r?\n$/, '');
    },
  };
}

/**
 * What readline echoes to while a secret is typed: the question as it is, everything else swallowed, so that neither the
 * secret nor its length reaches the screen or a recording of it.
 */
function maskedEcho(question: string, output: TerminalStream): TerminalStream {
  let isQuestionShown = false;
  const echo = new Writable({
    write(_chunk, _encoding, done) {
      if (!isQuestionShown) output.write(question);
      isQuestionShown = true;
      done();
    },
  });
  return Object.assign(echo, { isTTY: true, columns: output.columns ?? 80 });
}
