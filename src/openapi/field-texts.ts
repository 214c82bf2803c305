// Sentences about fields that several request bodies share.

export const samplingTexts = {
  model: 'A route, a backend, or backend/model; GET /v1/models lists them. The default route without it.',
  temperature: '0 is greedy. Without it the configured one.',
  top_p: 'Share of the probability mass that sampling considers.',
  stop: 'The answer ends before the first of these texts.',
  seed: 'The same seed gives the same text on the same backend and model.',
  stream: 'True: Server-Sent Events. An error before the first of them is an ordinary reply.'
}

export const openAiTexts = {
  ...samplingTexts,
  max_tokens: 'Tokens of the answer; the configured bound of a backend is never exceeded.',
  frequency_penalty: 'Above 0 repetitions get rarer.',
  presence_penalty: 'Above 0 what was said gets rarer.',
  n: 'Only 1.',
  stream_options: 'With include_usage the stream ends with a chunk of token counts.',
  logit_bias: 'Not supported; an empty object is let pass.',
  user: 'A hint that requests belong together, as are the next two: the first of them that is there counts.',
  safety_identifier: 'See user.',
  prompt_cache_key: 'The first of the three to be looked at.'
}

export const toolTexts = {
  tools: 'Functions that the model may call, and that the caller runs.',
  tool_choice: 'none, auto, required, or one function by name. Without it auto.',
  parallel_tool_calls: 'False: one call an answer at most.'
}
