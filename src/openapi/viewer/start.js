// Starts Swagger UI on the document of the service that serves this page.
// validatorUrl null: its default is a service on the internet. The token is asked for anew on each visit.
globalThis.SwaggerUIBundle({ url: 'openapi.json', dom_id: '#viewer', deepLinking: true, defaultModelsExpandDepth: 0, tryItOutEnabled: true, displayRequestDuration: true, persistAuthorization: false, validatorUrl: null })
