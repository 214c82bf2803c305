// The operator's page: starts the connection and draws what it tells.
import './styles/base.css'
import './styles/layout.css'
import './styles/status.css'
import './styles/charts.css'
import './styles/requests.css'
import './styles/models.css'
import './styles/playground.css'
import { render } from 'preact'
import { App } from './components/app.tsx'
import { stayConnected } from './state/connection.ts'
import { keepModelList } from './state/models.ts'

render(<App />, document.getElementById('app')!)
keepModelList()
void stayConnected()
