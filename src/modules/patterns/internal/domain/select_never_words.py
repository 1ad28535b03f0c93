"""The words by which `select_never` knows what is critical; how stems are written is told at its `_pattern`.

Home Assistant writes entity ids without accents: Tür is `tur`, sometimes `tuer`. Short words stand only for
themselves, since `tor` is in every motor and `lock` in every clock. Each reason has a line or more per language:
English, German, French, Spanish, Dutch.
"""

from __future__ import annotations

from typing import Final

CRITICAL_WORDS: Final = {
    "it lets people in or out": """
        garage* *garage gate frontgate backgate sidegate gardengate maingate drivewaygate rollgate slidinggate
        gateopener door doorlock* doorlatch* dooropener* doorstrike* doorbell* *door lock *doorlock deadlock smartlock
        unlock* latch deadbolt
        tor tore hoftor* gartentor* einfahrt* schiebetor* rolltor* haustor* tuer* *tuer *tueren tur turen haustur*
        eingangstur* kellertur* wohnungstur* balkontur* terrassentur* gartentur* hintertur* turoff* tursch* schloss
        turschloss schranke
        porte portail* portillon* serrure* verrou* barriere*
        puerta* porton* cerradura* cerrojo* verja* cancela cochera*
        deur* *deur poort* *poort slagboom* hek hekken
    """,
    "it can start a fire": """
        oven* *oven stove* *stove hob cooker* *cooker cooktop* cooking grill* *grill barbecue* bbq fryer* *fryer
        toaster* iron ironing flatiron waffleiron steamiron kettle* *kettle microwave* *microwave straightener* curling
        kiln* smoker dryer* *dryer soldering
        ofen* *ofen herd *herd kochfeld* *kochfeld kochplatte* *kocher mikrowelle* fritteuse* *fritteuse bugeleisen*
        buegeleisen* glatteisen* waffeleisen* lockenstab* trockner* *trockner lotkolben*
        four cuisiniere* cuisson* gaziniere* friteuse* ondes microonde* repasser* bouilloire* seche* lisseur*
        horno* *horno vitro* fogon* parrilla* freidora* tostador* plancha* hervidor* secador* estufa*
        fornuis* kookplaat* *kookplaat magnetron* *magnetron broodrooster* strijk* *koker droger* *droger
    """,
    "it heats, and can start a fire": """
        heat* *heat *heater *heating *heatpump boiler* *boiler furnace* fireplace* sauna* *sauna radiat* *radiator
        thermostat* *thermostat blanket* *blanket hvac ac aircon* conditioner underfloor immersion steamer jacuzzi*
        hottub spa whirlpool
        heiz* *heiz* warmepumpe* waermepumpe* warme* waerme* kamin* *kamin therme gastherme brenner kessel* *kessel
        klima* *klima
        chauff* *chauff* chaudiere* cheminee* poele* climatis* clim pac couverture*
        calef* calentador* caldera* chimenea* climatiza* termo* manta
        verwarm* *verwarm* kachel* ketel* *ketel haard* *haard warmte* *warmte* deken
    """,
    "it lets water or gas flow": """
        pump* *pump* valve* *valve sprinkler* *sprinkler irrigat* gas gasvalve water* *water faucet* hydrant*
        dishwasher* washer* washing *washer fountain*
        wasser* *wasser* bewasser* bewaesser* ventil *ventil sprenger* regner* *regner spul* spuel* wasch* *wasch*
        brunnen*
        pompe* eau arros* vanne* robinet* gaz lave lavelinge* lavevaisselle* fontaine*
        bomba agua riego* regad* valvula* grifo* lavadora* lavavajillas* fuente
        pomp *pomp pompen kraan* *kraan klep sproei* *sproei* beregen* wasmachine* vaatwasser*
    """,
    "it guards the home": """
        alarm* *alarm* siren* *siren armed disarm* arming secur* *security intru* panic* guard surveil* burglar*
        sicherheit* uberwach* ueberwach* einbruch* scharf
        vigilan* seguridad* beveilig* inbraak*
    """,
    "something depends on it at all hours": """
        freez* *freezer fridge* *fridge refriger* router* *router modem* *modem nas server* homeserver mediaserver
        ventilator* oxygen* medic* cpap* *cpap bipap* apap respirator* concentrator* dialys* nebuli* insulin*
        defibrill* aquarium* terrari* vivari* incubator* ups internet wifi wlan
        gefrier* kuhlschrank* kuehlschrank* *kuhlschrank kuhltruhe* kuehltruhe* tiefkuhl* tiefkuehl* sauerstoff*
        beatmung* medizin* brutkasten*
        congel* frigo* respirat* serveur* routeur* couveuse*
        nevera* oxigen* servidor* acuario* incubadora*
        vriez* *vriez* koelkast* *koelkast diepvries* zuurstof* beademing*
    """,
    "it carries much current": """
        charger* *charger charging wallbox* inverter* *inverter battery* *battery batteries evse breaker mains
        lade ladegerat* ladestation* *lader lader wechselrichter* batterie* akku* *akku hauptschalter sicherung*
        chargeur* borne recharge* onduleur* disjoncteur*
        cargador* inversor* bateria*
        laadpaal* omvormer* batterij* accu
    """,
}
"""By reason, in the order in which reasons are given."""

HARMLESS_WORDS: Final = """
    outdoor* indoor* turn heather heath beethoven proven woven shepherd pumpkin* pompoen*
    waterfall* watercolor* watermelon*
"""
"""Words that hold a critical stem by chance."""
