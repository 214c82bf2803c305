// A setting with which the model cannot be loaded, though nothing is wrong with the model.

/** Its message names the setting and says what to do. */
export class UnusableSetting extends Error {}
