import fc from 'fast-check';

// Property tests try the same values in every run; FC_SEED=random (or a number) looks further.
const seed = process.env['FC_SEED'];
if (seed !== 'random') fc.configureGlobal({ seed: Number(seed ?? 20_260_301) });
