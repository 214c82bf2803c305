{{/* Names and labels that every object shares, and the checks that a schema cannot make. */}}
{{- define "switch.name" -}}
{{- if contains "switch" .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-switch" .Release.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "switch.selector" -}}
app.kubernetes.io/name: switch
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "switch.labels" -}}
{{ include "switch.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "switch.tokenSecret" -}}
{{- if and .Values.token.value .Values.token.existingSecret }}{{ fail "Set token.value or token.existingSecret, not both." }}{{ end }}
{{- if .Values.token.existingSecret }}{{ .Values.token.existingSecret }}
{{- else if .Values.token.value }}{{ include "switch.name" . }}
{{- else }}{{ fail "Switch needs a token: set token.existingSecret to a secret with the entry SWITCH_TOKEN, or token.value." }}{{ end }}
{{- end }}

{{/* More than one pod at a time, also during an update, cannot share a volume of ReadWriteOnce. */}}
{{- define "switch.checkVolumes" -}}
{{- $pods := .Values.replicaCount | int }}
{{- if .Values.autoscaling.enabled }}{{ $pods = .Values.autoscaling.maxReplicas | int }}{{ end }}
{{- range $name, $volume := .Values.persistence }}
{{- if and $volume.enabled (ne $volume.accessMode "ReadWriteMany") (or (gt $pods 1) (eq $.Values.strategy "RollingUpdate")) }}
{{- fail (printf "persistence.%s is %s, which one pod at a time can use: set its accessMode to ReadWriteMany, or enabled to false, or one replica with strategy Recreate." $name $volume.accessMode) }}
{{- end }}
{{- end }}
{{- end }}

{{- define "switch.volume" -}}
{{- if not .volume.enabled }}
emptyDir: {}
{{- else }}
persistentVolumeClaim:
  claimName: {{ .volume.existingClaim | default (printf "%s-%s" .name .kind) }}
{{- end }}
{{- end }}
