// Every description there is. A new route gets its own file in operations/ and a line here.
import type { Operation } from './operation.ts'
import { aboutOperations } from './operations/about.ts'
import { chatCompletionsOperation } from './operations/chat-completions.ts'
import { completionsOperation } from './operations/completions.ts'
import { embeddingsOperation } from './operations/embeddings.ts'
import { healthOperations } from './operations/health.ts'
import { inferOperation } from './operations/infer.ts'
import { listedModelsOperations } from './operations/listed-models.ts'
import { metricsOperation } from './operations/metrics.ts'
import { modelsOperations } from './operations/models.ts'
import { operatorsPageOperations } from './operations/operators-page.ts'
import { responsesOperation } from './operations/responses.ts'
import { storedResponsesOperations } from './operations/stored-responses.ts'
import { vx11OverviewOperations } from './operations/vx11-overview.ts'
import { vx11QuestionOperations } from './operations/vx11-questions.ts'

export const operations: readonly Operation[] = [
  inferOperation,
  chatCompletionsOperation, completionsOperation, responsesOperation, ...storedResponsesOperations, embeddingsOperation, ...listedModelsOperations,
  ...healthOperations, metricsOperation, ...operatorsPageOperations,
  ...modelsOperations,
  ...vx11QuestionOperations, ...vx11OverviewOperations,
  ...aboutOperations
]
