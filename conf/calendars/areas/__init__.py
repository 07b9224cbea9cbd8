"""Every area that is shipped."""
from . import brazil, canada, elsewhere, europe, germany, united_states

AREAS = [area for module in (brazil, canada, elsewhere, europe, germany, united_states) for area in module.AREAS]
