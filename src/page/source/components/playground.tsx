// A place to try it: a question, its answer as it comes, and the receipt.
import { Answer } from './answer.tsx'
import { QuestionForm } from './question-form.tsx'

export function Playground() {
  return (
    <section class="playground" aria-labelledby="playground-title">
      <h2 id="playground-title">Playground</h2>
      <div class="card">
        <QuestionForm />
        <Answer />
      </div>
    </section>
  )
}
